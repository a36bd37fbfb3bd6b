//! `foretaste sbom`: what a project's locks hold, in the standards' words.

use foretaste_fake_registries::{FakeProject, FakePypi, wheel};
use serde_json::{Value, json};

use crate::support::{Home, serving};

fn bills(run: impl Fn(&Home)) {
    serving(async || {
        let index = FakePypi::new()
            .project(FakeProject::new("beta").file(wheel("beta", "1.0", &[], &[("beta.py", "")])))
            .start()
            .await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        let hash = "ab".repeat(32);
        home.write(
            "app/requirements.txt",
            format!("alpha==1.2 --hash=sha256:{hash}\n    # via -r requirements.in\nbeta==1.0 --hash=sha256:{hash}\n    # via alpha\n"),
        );
        run(&home);
    });
}

fn bill(home: &Home, args: &[&str]) -> Value {
    let run = home.run(&[&["sbom", "app"], args].concat());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    serde_json::from_str(&run.stdout).expect("JSON")
}

#[test]
fn cyclonedx_names_hashes_edges_and_verdicts() {
    bills(|home| {
        let bom = bill(home, &[]);
        assert_eq!(bom["specVersion"], "1.6");
        let parts = bom["components"].as_array().expect("a list");
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[1]["purl"], "pkg:pypi/beta@1.0");
        assert_eq!(parts[1]["hashes"][0]["alg"], "SHA-256");
        // the locked hash is not the served one
        assert_eq!(parts[1]["properties"][0]["value"], "block");
        assert_eq!(
            bom["dependencies"],
            json!([
                {"ref": "project", "dependsOn": ["pkg:pypi/alpha@1.2"]},
                {"ref": "pkg:pypi/alpha@1.2", "dependsOn": ["pkg:pypi/beta@1.0"]},
                {"ref": "pkg:pypi/beta@1.0", "dependsOn": []},
            ])
        );
        assert_eq!(bill(home, &[]), bom, "equal input, equal bytes");
    });
}

#[test]
fn spdx_lists_the_same_without_asking_anybody() {
    bills(|home| {
        let document = bill(home, &["--to", "spdx", "--no-verdicts"]);
        assert_eq!(document["spdxVersion"], "SPDX-2.3");
        assert_eq!(document["packages"].as_array().map(Vec::len), Some(3));
        assert_eq!(
            document["packages"][1]["checksums"][0]["algorithm"],
            "SHA256"
        );
        let relations = document["relationships"].to_string();
        for kind in ["DESCRIBES", "DEPENDS_ON"] {
            assert!(relations.contains(kind), "{relations}");
        }
        home.write("app/requirements.txt", "loose\n");
        let run = home.run(&["sbom", "app", "--no-verdicts"]);
        assert_eq!(run.code, 3);
        assert!(
            run.stderr.contains("requirements.txt:1:1: loose"),
            "{}",
            run.stderr
        );
    });
}
