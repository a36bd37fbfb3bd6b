//! One payload hidden in many ways, each inert: whatever the disguise, the package is blocked; and two runs over all of them
//! give the same bytes.

use std::fs;
use std::path::Path;

use crate::support::{Home, rules};

/// The fixtures: name and path.
fn evasions() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/evasions");
    let mut found: Vec<_> = fs::read_dir(root)
        .expect("the fixtures")
        .flatten()
        .map(|folder| {
            let name = folder.file_name().to_string_lossy().into_owned();
            (name, folder.path().display().to_string())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn no_disguise_of_the_payload_keeps_it_from_being_blocked() {
    let home = Home::new();
    let mut complaints = Vec::new();
    let all = evasions();
    for peers_miss in [
        "aliased-import",
        "non-utf8-byte",
        "payload-in-tests",
        "quote-tokens",
        "renamed-exec",
        "split-literal",
    ] {
        assert!(
            all.iter().any(|(name, _)| name == peers_miss),
            "{peers_miss}"
        );
    }
    for (name, path) in all {
        let (report, _) = home.audit(&[&path]);
        let release = &report["releases"][0];
        if release["verdict"] != "block" {
            let (verdict, score) = (&release["verdict"], &release["score"]);
            complaints.push(format!("{name}: {verdict} {score} {:?}", rules(release)));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn why_tells_the_layers_the_chain_and_the_weight() {
    let home = Home::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/evasions/three-layers");
    for file in ["setup.py", "widget_orchard_kit/__init__.py"] {
        let text = fs::read_to_string(source.join(file)).expect("the fixture");
        home.write(&format!("three-layers/{file}"), text);
    }
    let run = home.run(&["audit", "--offline", "--why", "three-layers"]);
    assert_eq!((run.code, &*run.stderr), (1, ""));
    let (_, why) = run.stdout.split_once("\nWhy ").expect("an explanation");
    insta::assert_snapshot!(why);
}

#[test]
fn two_runs_give_the_same_bytes() {
    let paths: Vec<String> = evasions().into_iter().map(|(_, path)| path).collect();
    let mut args = vec!["audit", "--no-cache", "--format", "json"];
    args.extend(paths.iter().map(String::as_str));
    let home = Home::new();
    let first = home.run(&args).stdout;
    assert!(first.len() > 10_000, "{first}");
    assert_eq!(first, home.run(&args).stdout);
}
