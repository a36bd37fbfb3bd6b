//! Projects: the packages that their files ask for, from registries on the loopback interface.

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer, tar_gz};
use serde_json::Value;

use crate::support::{Home, fixture_files, rules, sdist, serving};

/// An index with two honest packages and the typosquat of the scenario.
async fn index() -> FakeServer {
    let files = fixture_files("pypi/acme-corp-util-1.0.3");
    let packed: Vec<(String, &str)> = files
        .iter()
        .map(|(path, text)| (format!("acme-corp-util-1.0.3/{path}"), text.as_str()))
        .collect();
    let packed: Vec<(&str, &str)> = packed.iter().map(|(p, t)| (p.as_str(), *t)).collect();
    FakePypi::new()
        .project(FakeProject::new("acme-corp-util").file(FakeFile::new(
            "acme-corp-util-1.0.3.tar.gz",
            &tar_gz(&packed),
        )))
        .project(FakeProject::new("six").file(honest("six", "1.0")))
        .project(FakeProject::new("tomli").file(honest("tomli", "2.0")))
        .start()
        .await
}

fn honest(name: &str, version: &str) -> FakeFile {
    FakeFile::new(&format!("{name}-{version}.tar.gz"), &sdist(name, version))
}

/// Without uv, so that what is asked for itself is vetted and the rest is told as a gap, on every machine.
fn home(index: &FakeServer) -> Home {
    Home::new()
        .with("PIP_INDEX_URL", &format!("{}/simple", index.url()))
        .with("PATH", "")
}

fn release<'a>(report: &'a Value, target: &str) -> &'a Value {
    report["releases"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|r| r["target"] == target)
        .unwrap_or_else(|| panic!("no {target} in {report:#}"))
}

#[test]
fn the_typosquat_that_a_project_asks_for_is_blocked_with_its_line_and_its_way() {
    serving(async || {
        let index = index().await;
        let home = home(&index);
        home.write(
            "foretaste.toml",
            "[names]\ninternal = [\"acme-corp-utils\"]\n",
        );
        home.write(
            "app/requirements.txt",
            "six==1.0\ntomli==2.0\nacme-corp-util\n",
        );
        let (report, code) = home.audit(&["app"]);
        let squat = release(&report, "pypi:acme-corp-util");
        assert_eq!(
            (squat["verdict"].as_str(), code),
            (Some("block"), 1),
            "{report:#}"
        );
        assert!(
            rules(squat).contains(&"internal-name-confusion"),
            "{squat:#}"
        );
        let wanted = &squat["wanted_by"][0];
        assert_eq!(
            (&wanted["file"], &wanted["line"]),
            (&"requirements.txt".into(), &3.into())
        );
        assert_eq!(wanted["path"][1], "acme-corp-util");
        for name in ["pypi:six@1.0", "pypi:tomli@2.0"] {
            assert_ne!(release(&report, name)["verdict"], "block");
        }
        let told = home.run(&["audit", "app"]);
        assert_eq!(told.code, 1);
        for part in [
            "requirements.txt:3",
            "requirements.txt → acme-corp-util",
            "acme-corp-utils",
            "do not install",
        ] {
            assert!(told.stdout.contains(part), "{part}\n{}", told.stdout);
        }
    });
}

#[test]
fn a_file_that_is_not_the_locked_one_is_blocked() {
    serving(async || {
        let index = index().await;
        let home = home(&index);
        let locked = "0".repeat(64);
        home.write(
            "app/requirements.txt",
            format!("six==1.0 --hash=sha256:{locked}\n"),
        );
        let (report, code) = home.audit(&["app"]);
        let six = release(&report, "pypi:six@1.0");
        assert_eq!(
            (six["verdict"].as_str(), code),
            (Some("block"), 1),
            "{six:#}"
        );
        assert!(rules(six).contains(&"digest-mismatch"), "{six:#}");
    });
}

#[test]
fn an_unpacked_package_with_a_lock_in_it_is_tasted_itself_too() {
    serving(async || {
        let index = index().await;
        let home = home(&index);
        for (path, text) in fixture_files("pypi/acme-corp-util-1.0.3") {
            if path != "PKG-INFO" {
                home.write(&format!("unpacked/{path}"), text);
            }
        }
        home.write("unpacked/requirements.txt", "six==1.0\n");
        let (report, code) = home.audit(&["unpacked"]);
        let own = release(&report, "unpacked");
        assert_eq!(
            (own["verdict"].as_str(), code),
            (Some("block"), 1),
            "{report:#}"
        );
        release(&report, "pypi:six@1.0");
        let (report, _) = home.audit(&["--as", "project", "unpacked"]);
        let summary: Vec<_> = report["releases"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|r| r["verdict"].as_str())
            .collect();
        assert!(!summary.contains(&Some("block")), "{report:#}");
    });
}
