//! Projects: the packages that their files ask for, from registries on the loopback interface.

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer, tar_gz};
use serde_json::{Value, json};

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

#[test]
fn advisories_say_whether_the_projects_own_code_uses_the_package() {
    serving(async || {
        let index = crate::locks::Index::with_a_fix().start().await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        let list = "alpha==1.1\n    # via -r requirements.in\nbeta==1.0\n    # via alpha\ngamma==1.0\n    # via -r requirements.in\n";
        for (app, code) in [
            ("uses", "import os\n\nfrom alpha import VALUE\n"),
            ("lacks", "import gamma\n"),
        ] {
            home.write(&format!("{app}/requirements.txt"), list);
            home.write(&format!("{app}/src/main.py"), code);
            // what is installed is not the project's own
            let installed = format!("{app}/.venv/lib/python3.12/site-packages/x.py");
            home.write(&installed, "import alpha\n");
        }
        let usage = |app: &str| {
            let (report, _) = home.audit(&[app]);
            let all = report["releases"].as_array().expect("a list");
            let alpha = all.iter().find(|r| r["name"] == "alpha");
            let alpha = alpha.unwrap_or_else(|| panic!("{report:#}"));
            assert!(rules(alpha).contains(&"known-vulnerability"), "{alpha:#}");
            alpha["usage"].clone()
        };
        let told = json!({"state": "imported", "places": ["src/main.py:3"], "files": 1});
        assert_eq!(usage("uses"), told);
        assert_eq!(usage("lacks"), json!({"state": "not-imported", "files": 1}));
        let shown = home.run(&["audit", "lacks"]).stdout;
        assert!(
            shown.contains("no import in the 1 file of the project"),
            "{shown}"
        );
        let shown = home.run(&["audit", "uses", "--format", "md"]).stdout;
        assert!(shown.contains("own code imports it"), "{shown}");

        let analysis = |args: &[&str]| {
            let run = home.run(&[&["sbom", "lacks"], args].concat());
            let bom: Value = serde_json::from_str(&run.stdout).expect("JSON");
            bom["vulnerabilities"][0]["analysis"].clone()
        };
        let hint = analysis(&[]);
        assert_eq!(hint["state"], "in_triage");
        assert!(
            hint["detail"]
                .as_str()
                .is_some_and(|d| d.starts_with("no import")),
            "{hint}"
        );
        let claim = analysis(&["--trust-imports"]);
        assert_eq!(claim["state"], "not_affected");
        assert_eq!(claim["justification"], "code_not_reachable");
    });
}

#[test]
fn advisories_that_name_functions_say_whether_the_projects_own_code_calls_them() {
    serving(async || {
        let index = crate::locks::Index::plain().start().await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        let record = json!({"id": "PYSEC-2026-7", "modified": "2026-10-01T00:00:00Z", "summary": "runs what it loads",
            "affected": [{"package": {"ecosystem": "PyPI", "name": "alpha"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.2"}]}],
                "ecosystem_specific": {"imports": [{"attribute": "load", "modules": ["alpha"]}]}}]});
        home.write(
            "dump.tar.gz",
            crate::advisories::archive(std::slice::from_ref(&record)),
        );
        let run = home.run(&["advisories", "import", "dump.tar.gz"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        for (app, code) in [
            ("calls", "import alpha as a\n\nprint(a.load('x'))\n"),
            ("spares", "import alpha\n\nprint(alpha.dump('x'))\n"),
            ("hides", "import alpha\n\nprint(getattr(alpha, 'load'))\n"),
        ] {
            home.write(
                &format!("{app}/requirements.txt"),
                "alpha==1.1\nbeta==1.0\n",
            );
            home.write(&format!("{app}/src/main.py"), code);
        }
        let usage = |app: &str| {
            let (report, _) = home.audit(&[app]);
            let alpha = release(&report, "pypi:alpha@1.1");
            assert!(rules(alpha).contains(&"known-vulnerability"), "{alpha:#}");
            let usage = &alpha["usage"];
            (
                usage["state"].clone(),
                usage["functions"].clone(),
                usage["places"].clone(),
            )
        };
        assert_eq!(
            usage("calls"),
            (
                json!("called"),
                json!(["alpha.load"]),
                json!(["src/main.py:3"])
            )
        );
        assert_eq!(
            usage("spares"),
            (
                json!("not-called"),
                json!(["alpha.load"]),
                json!(["src/main.py:1"])
            )
        );
        assert_eq!(usage("hides").0, "imported");
        let shown = home.run(&["audit", "calls"]).stdout;
        assert!(shown.contains("alpha.load"), "{shown}");

        let analysis = |app: &str| {
            let run = home.run(&["sbom", app, "--trust-imports"]);
            let bom: Value = serde_json::from_str(&run.stdout).expect("JSON");
            bom["vulnerabilities"][0]["analysis"]["state"].clone()
        };
        // that no call was found is no proof: what a package calls inside itself is not seen
        assert_eq!(
            [analysis("calls"), analysis("spares")],
            ["in_triage", "in_triage"]
        );
    });
}

#[test]
fn without_a_network_what_is_installed_beside_an_npm_lock_is_tasted() {
    let home = Home::new();
    let locked = |version: &str| json!({"version": version, "integrity": "sha512-AAAA"});
    home.write(
        "app/package-lock.json",
        json!({"name": "app", "lockfileVersion": 3, "packages": {
            "": {"name": "app", "dependencies": {"ui-styles": "*", "pad": "*", "other": "*"}},
            "node_modules/ui-styles": locked("9.9.9"),
            "node_modules/pad": locked("1.0.0"),
            "node_modules/other": locked("2.0.0"),
        }})
        .to_string(),
    );
    for (path, text) in fixture_files("npm/ui-styles-9.9.9") {
        home.write(&format!("app/node_modules/ui-styles/{path}"), text);
    }
    for (name, version) in [("pad", "1.0.0"), ("other", "1.0.0")] {
        home.write(
            &format!("app/node_modules/{name}/package.json"),
            json!({"name": name, "version": version}).to_string(),
        );
    }
    let (report, code) = home.audit(&["--offline", "app"]);
    assert_eq!(code, 1);
    let bad = release(&report, "npm:ui-styles@9.9.9");
    assert_eq!(bad["verdict"], "block", "{bad:#}");
    assert_eq!(bad["wanted_by"][0]["path"], json!(["app", "ui-styles"]));
    let pad = release(&report, "npm:pad@1.0.0");
    let skipped = pad["checks"]["skipped"].as_array().expect("a list");
    assert!(
        skipped.iter().any(|s| s["check"] == "locked-file"),
        "{pad:#}"
    );
    assert_ne!(pad["verdict"], "incomplete");
    // another version is installed than the one that is locked
    assert_eq!(release(&report, "npm:other@2.0.0")["verdict"], "incomplete");
    let shown = home.run(&["--offline", "audit", "app"]).stdout;
    assert!(
        shown.contains("whose hash was compared with nothing"),
        "{shown}"
    );
}
