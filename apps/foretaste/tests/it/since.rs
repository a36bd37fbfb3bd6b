//! `foretaste audit --since`: what a pull request changes in a project's dependencies, and nothing else.

use std::path::Path;
use std::process::Command;

use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer, tar_gz};
use serde_json::Value;

use crate::support::{Home, fixture_files, sdist, serving};

/// An index with honest packages, an upgrade that starts a program, and the typosquat of the scenario.
async fn index() -> FakeServer {
    let files = fixture_files("pypi/acme-corp-util-1.0.3");
    let packed: Vec<(String, &str)> = files
        .iter()
        .map(|(path, text)| (format!("acme-corp-util-1.0.3/{path}"), text.as_str()))
        .collect();
    let packed: Vec<(&str, &str)> = packed.iter().map(|(p, t)| (p.as_str(), *t)).collect();
    let later = tar_gz(&[
        (
            "tomli-2.1/PKG-INFO",
            "Metadata-Version: 2.1\nName: tomli\nVersion: 2.1\n",
        ),
        (
            "tomli-2.1/tomli/__init__.py",
            "import subprocess\n\n\ndef run():\n    subprocess.run(['true'])\n",
        ),
    ]);
    FakePypi::new()
        .project(FakeProject::new("acme-corp-util").file(FakeFile::new(
            "acme-corp-util-1.0.3.tar.gz",
            &tar_gz(&packed),
        )))
        .project(FakeProject::new("six").file(honest("six", "1.0")))
        .project(
            FakeProject::new("tomli")
                .file(honest("tomli", "2.0").uploaded("2024-01-01T00:00:00Z"))
                .file(FakeFile::new("tomli-2.1.tar.gz", &later).uploaded("2025-01-01T00:00:00Z")),
        )
        .start()
        .await
}

fn honest(name: &str, version: &str) -> FakeFile {
    FakeFile::new(&format!("{name}-{version}.tar.gz"), &sdist(name, version))
}

/// A home whose folder `shop` is a repository, on a branch of the scenario's pull request.
fn pull_request(index: &FakeServer) -> Home {
    let home = Home::new()
        .with("PIP_INDEX_URL", &format!("{}/simple", index.url()))
        // uv is left out, so that every machine resolves alike: not at all
        .with("PATH", &git_alone());
    home.write(
        "foretaste.toml",
        "[names]\ninternal = [\"acme-corp-utils\"]\n",
    );
    home.write("shop/requirements.txt", "six==1.0\ntomli==2.0\n");
    let shop = home.path().join("shop");
    git(&shop, &["init", "--quiet", "--initial-branch=main"]);
    commit(&shop, "pinned");
    git(&shop, &["checkout", "--quiet", "-b", "feature"]);
    home.write(
        "shop/requirements.txt",
        "# what the shop needs\nsix==1.0\ntomli==2.1\nacme-corp-util\n",
    );
    commit(&shop, "use the helper of the platform team");
    home
}

pub(crate) fn git(folder: &Path, args: &[&str]) {
    let done = Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@acme.example"])
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("HOME", folder)
        .output()
        .expect("git runs");
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "git {args:?}: {said}");
}

pub(crate) fn commit(folder: &Path, message: &str) {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "--message", message]);
}

/// A `PATH` with git and nothing else.
pub(crate) fn git_alone() -> String {
    let folder = tempfile::tempdir().expect("a folder").keep();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let git = std::env::split_paths(&path)
        .map(|dir| dir.join("git"))
        .find(|candidate| candidate.is_file())
        .expect("git is installed");
    std::os::unix::fs::symlink(git, folder.join("git")).expect("linked");
    folder.display().to_string()
}

fn names(report: &Value) -> Vec<&str> {
    report["releases"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|r| r["target"].as_str())
        .collect()
}

#[test]
fn a_pull_request_that_adds_a_typosquat_is_blocked_in_words_a_reviewer_acts_on() {
    serving(async || {
        let index = index().await;
        let home = pull_request(&index);
        let run = home.run(&["audit", "--since", "main", "--format", "md", "shop"]);
        assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
        for part in [
            "1 blocked",
            "1 added, 1 changed",
            "`acme-corp-util 1.0.3`",
            "requirements.txt:4:1, unpinned",
            "acme-corp-utils",
            "**Do this:** take it out of requirements.txt:4, or if you meant the internal package: acme-corp-utils",
            "upgraded from 2.0",
        ] {
            assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
        }
        assert!(!run.stdout.contains("six"), "{}", run.stdout);
    });
}

#[test]
fn only_what_changed_is_vetted_and_an_upgrade_says_what_it_can_do_now() {
    serving(async || {
        let index = index().await;
        let home = pull_request(&index);
        let (report, code) = home.audit(&["--since", "main", "shop"]);
        assert_eq!(code, 1);
        assert_eq!(
            names(&report),
            ["pypi:tomli@2.1", "pypi:acme-corp-util", "shop"]
        );
        let since = &report["since"][0];
        assert_eq!(
            (&since["added"], &since["changed"], &since["unchanged"]),
            (&1.into(), &1.into(), &1.into())
        );
        let upgrade = &report["releases"][0];
        assert_eq!(upgrade["moved"]["how"], "upgraded");
        assert_eq!(upgrade["moved"]["before"][0], "2.0");
        assert_eq!(upgrade["change"]["from"], "2.0");
        let gained = upgrade["change"]["capabilities"].to_string();
        assert!(
            gained.contains("spawn") || gained.contains("process"),
            "{gained}"
        );
        assert_eq!(report["releases"][1]["moved"]["how"], "added");
        let own = &report["releases"][2];
        assert_eq!(own["subject"], "project");
        assert!(own.to_string().contains("loose-requirement"), "{own:#}");
    });
}

#[test]
fn every_format_leads_to_the_line_of_the_manifest() {
    serving(async || {
        let index = index().await;
        let home = pull_request(&index);
        let run = |format| {
            home.run(&["audit", "--since", "main", "--format", format, "shop"])
                .stdout
        };
        let github = run("github");
        assert!(
            github.contains(
                "::error file=shop/requirements.txt,line=4,title=acme-corp-util 1.0.3 block"
            ),
            "{github}"
        );
        let gitlab: Value = serde_json::from_str(&run("gitlab")).expect("JSON");
        let places: Vec<_> = gitlab
            .as_array()
            .expect("a list")
            .iter()
            .map(|issue| issue["location"].to_string())
            .collect();
        assert!(
            places.iter().all(|p| p.contains("shop/requirements.txt")),
            "{places:?}"
        );
        let sarif: Value = serde_json::from_str(&run("sarif")).expect("JSON");
        for result in sarif["runs"][0]["results"].as_array().expect("a list") {
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(
                place["artifactLocation"]["uri"], "shop/requirements.txt",
                "{result:#}"
            );
            assert!(
                place["region"]["startLine"].as_u64() > Some(1),
                "{result:#}"
            );
        }
        assert!(
            run("human").starts_with("shop since main ("),
            "{}",
            run("human")
        );
    });
}

#[test]
fn nothing_changed_is_clear_and_a_wrong_revision_is_told() {
    serving(async || {
        let index = index().await;
        let home = pull_request(&index);
        let same = home.run(&["audit", "--since", "HEAD", "shop"]);
        assert_eq!(same.code, 0, "{}{}", same.stdout, same.stderr);
        assert!(
            same.stdout.contains("no dependency changed, 3 as before"),
            "{}",
            same.stdout
        );
        let wrong = home.run(&["audit", "--since", "no-such", "shop"]);
        assert_eq!(wrong.code, 2);
        assert!(
            wrong.stderr.contains("`no-such` is no commit"),
            "{}",
            wrong.stderr
        );
        let option = home.run(&["audit", "--since=--output=/tmp/x", "shop"]);
        assert_eq!(option.code, 2, "{}", option.stderr);
    });
}

#[test]
fn what_is_published_as_source_alone_does_not_hide_what_the_rest_needs() {
    if crate::locks::uv().is_none() {
        return;
    }
    serving(async || {
        let index = crate::locks::Index::plain()
            .project(FakeProject::new("six").file(honest("six", "1.0")));
        let index = index.start().await;
        let home = Home::new().with("PIP_INDEX_URL", &format!("{}/simple", index.url()));
        let shop = home.path().join("shop");
        home.write("shop/requirements.txt", "alpha==1.1\n");
        git(&shop, &["init", "--quiet", "--initial-branch=main"]);
        commit(&shop, "one");
        home.write("shop/requirements.txt", "alpha==1.1\nsix\n");
        commit(&shop, "two");
        let (report, code) = home.audit(&["--since", "HEAD~1", "shop"]);
        let since = &report["since"][0];
        assert_eq!(
            (&since["removed"], &since["unchanged"]),
            (&Value::Null, &2.into())
        );
        let targets: Vec<_> = report["releases"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|r| r["target"].as_str())
            .collect();
        assert_eq!(targets, ["pypi:six", "shop"], "{report:#}");
        let told = report["releases"][1]["incomplete"].to_string();
        assert!(told.contains("six is published as source alone"), "{told}");
        assert_eq!(code, 3);
    });
}
