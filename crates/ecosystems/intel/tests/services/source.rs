//! Artifacts against repositories, with real git on local ones.
#![cfg(unix)]

use std::path::Path;

use foretaste_intel::{Intel, Options};
use foretaste_io::{Environment, Program, files};
use foretaste_model::intel::{RepositoryFacts, SourceComparison};
use foretaste_model::{ContentDigest, Knowledge, SkipKind};

use crate::server::{environment, http, options, record, settings};

/// A repository `acme/pad` below `root` with these files at the tag, and a later commit without them.
async fn repository(root: &Path, tag: &str, content: &[(&str, &str)]) {
    let dir = root.join("acme/pad.git");
    for (path, text) in content {
        files::write(&dir.join(path), text.as_bytes()).expect("written");
    }
    let git = Environment::of_process()
        .which("git")
        .expect("git is on PATH");
    let script = "git init -q . && git add -A && git commit -q -m x && git tag \"$1\" && git tag v9 && \
        git rm -q -r . && git commit -q --allow-empty -m y";
    let output = Program::new("/bin/sh")
        .args(["-c", script, "sh", tag])
        .dir(&dir)
        .env(
            "PATH",
            &format!(
                "{}:/usr/bin:/bin",
                git.parent().expect("a folder").display()
            ),
        )
        .env("HOME", &root.to_string_lossy())
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_NAME", "a")
        .env("GIT_AUTHOR_EMAIL", "a@acme.example")
        .env("GIT_COMMITTER_NAME", "a")
        .env("GIT_COMMITTER_EMAIL", "a@acme.example")
        .run()
        .await
        .expect("sh runs");
    assert!(output.success, "{}", output.stderr);
}

fn facts(url: &str, exists: bool) -> RepositoryFacts {
    RepositoryFacts {
        url: url.into(),
        exists,
        description: None,
        stars: 0,
        forks: 0,
        fork_of: None,
        archived: false,
        created: None,
        pushed: None,
        tags: Vec::new(),
        mentions_package: None,
    }
}

fn listed(content: &[(&str, &str)]) -> Vec<(Box<str>, ContentDigest)> {
    content
        .iter()
        .map(|(path, text)| ((*path).into(), ContentDigest::of(text.as_bytes())))
        .collect()
}

async fn compare(
    root: &Path,
    env: &Environment,
    limits: Options,
    artifact: &[(&str, &str)],
) -> Knowledge<SourceComparison> {
    let options = Options {
        clone_root: Some(format!("file://{}/", root.display())),
        ..limits
    };
    let intel = Intel::with_options(&http(false), &settings("http://127.0.0.1:1/"), env, options);
    let repository = facts("https://github.com/acme/pad", true);
    intel
        .source(&record("pad"), &repository, &listed(artifact))
        .await
}

#[tokio::test]
async fn an_artifact_is_compared_with_the_tag_of_its_release() {
    for tag in ["v1.0", "1.0", "pad-1.0", "release-1.0"] {
        let root = tempfile::tempdir().expect("a folder");
        let tree = [
            ("src/pad/a.py", "a\n"),
            ("src/pad/b.py", "b\n"),
            ("setup.py", "s\n"),
            ("README", "r"),
        ];
        repository(root.path(), tag, &tree).await;
        let env = environment(root.path());
        let artifact = [
            ("pad/a.py", "a\r\n"),
            ("pad/b.py", "changed"),
            ("pad/phantom.py", "p"),
            ("pad-1.0.dist-info/METADATA", "m"),
        ];
        let found = compare(root.path(), &env, options(), &artifact).await;
        let found = found.known().unwrap_or_else(|| panic!("{tag}: {found:?}"));
        assert_eq!((&*found.revision, found.equal), (tag, 1));
        assert_eq!(found.different, ["pad/b.py".into()]);
        assert_eq!(found.only_in_artifact, ["pad/phantom.py".into()]);
        // nothing stays behind
        let left = files::list(&root.path().join("cache/source")).expect("listed");
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_a_skip() {
    let root = tempfile::tempdir().expect("a folder");
    repository(root.path(), "v0.9", &[("a.py", "x")]).await;
    let env = environment(root.path());
    let kind = |k: &Knowledge<SourceComparison>| k.skipped().map(|s| s.kind);
    let artifact = [("a.py", "x")];
    let no_tag = compare(root.path(), &env, options(), &artifact).await;
    assert_eq!(kind(&no_tag), Some(SkipKind::NotApplicable), "{no_tag:?}");
    let no_git = compare(
        root.path(),
        &Environment::below(root.path()),
        options(),
        &artifact,
    )
    .await;
    assert_eq!(kind(&no_git), Some(SkipKind::NotConfigured));
    let elsewhere = compare(&root.path().join("none"), &env, options(), &artifact).await;
    assert_eq!(kind(&elsewhere), Some(SkipKind::Failed), "{elsewhere:?}");
}

#[tokio::test]
async fn only_existing_repositories_of_known_hosts_are_cloned_and_only_over_https() {
    let root = tempfile::tempdir().expect("a folder");
    repository(root.path(), "v1.0", &[("a.py", "x")]).await;
    let env = environment(root.path());
    let intel = Intel::with_options(
        &http(false),
        &settings("http://127.0.0.1:1/"),
        &env,
        options(),
    );
    let local = format!("file://{}/acme/pad.git", root.path().display());
    for (url, exists, expected) in [
        (&*local, true, SkipKind::Unsupported),
        ("ext::sh -c id", true, SkipKind::Unsupported),
        (
            "https://github.com/acme/pad",
            false,
            SkipKind::NotApplicable,
        ),
    ] {
        let found = intel
            .source(
                &record("pad"),
                &facts(url, exists),
                &listed(&[("a.py", "x")]),
            )
            .await;
        assert_eq!(found.skipped().map(|s| s.kind), Some(expected), "{url}");
    }
    let offline = Intel::with_options(
        &http(true),
        &settings("http://127.0.0.1:1/"),
        &env,
        options(),
    );
    let found = offline
        .source(
            &record("pad"),
            &facts("https://github.com/acme/pad", true),
            &[],
        )
        .await;
    assert_eq!(found.skipped().map(|s| s.kind), Some(SkipKind::Offline));
}
