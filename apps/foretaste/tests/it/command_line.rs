//! Usage: help, errors, exit codes.

use crate::support::Home;

#[test]
fn the_help_groups_the_commands_by_what_they_are_for() {
    let run = Home::new().run(&["-h"]);
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(run.stdout);
}

#[test]
fn errors_say_what_failed_and_what_to_do_and_exit_with_2() {
    let home = Home::new();
    for args in [
        &["audit", "brew:wget"][..],
        &["audit", "./nothing-here"],
        &["audit", "pypi:../etc/passwd"],
        &["audit", "pkg:pypi"],
        &["audit", ""],
        &["explain", "secrets-to-netwrok"],
        &["--config", "missing.toml", "audit", "."],
    ] {
        let run = home.run(args);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (2, ""),
            "{args:?}: {}",
            run.stderr
        );
        insta::assert_snapshot!(
            args.join(" ").replace(['/', '.', ' ', ':'], "_"),
            run.stderr
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let home = Home::new();
    let script = format!("'{}' rules | head -n 1", env!("CARGO_BIN_EXE_foretaste"));
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .current_dir(home.path())
        .output()
        .expect("sh runs");
    assert!(
        String::from_utf8_lossy(&output.stderr).is_empty(),
        "{output:?}"
    );
}

#[test]
fn every_rule_is_listed_and_explained() {
    let home = Home::new();
    let listed = home.run(&["rules", "--format", "json"]);
    let rules: serde_json::Value = serde_json::from_str(&listed.stdout).expect("JSON");
    let rules = rules.as_array().expect("a list");
    assert!(rules.len() > 60);
    for rule in rules {
        let id = rule["id"].as_str().expect("an id");
        let page = home.run(&["explain", id]);
        assert_eq!(page.code, 0);
        assert!(page.stdout.contains("## What to do"), "{id}");
    }
}

#[test]
fn completions_are_there_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = home.run(&["completions", shell]);
        assert_eq!(run.code, 0);
        assert!(run.stdout.contains("audit"), "{shell}");
    }
}
