//! foretaste.toml: what it says is what happens.

use crate::support::{Home, fixture, rules};

#[test]
fn mistakes_are_named_with_their_place_and_a_suggestion() {
    let home = Home::new();
    home.write(
        "foretaste.toml",
        "fail-onn = \"block\"\n[rules.secrets-to-netwrk]\nenabled = false\n",
    );
    let run = home.run(&["audit", "."]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("foretaste.toml:1:1"), "{}", run.stderr);
    assert!(run.stderr.contains("fail-on"), "{}", run.stderr);
}

#[test]
fn rules_can_be_switched_off_and_weighed_anew() {
    let home = Home::new();
    let target = fixture("pypi/acme-corp-util-1.0.3");
    home.write(
        "foretaste.toml",
        "[rules.secrets-to-network]\nenabled = false\n",
    );
    let (report, _) = home.audit(&[&target]);
    assert!(!rules(&report["releases"][0]).contains(&"secrets-to-network"));
    home.write(
        "foretaste.toml",
        "[rules.secrets-to-network]\nseverity = \"info\"\n",
    );
    let (report, _) = home.audit(&[&target]);
    let finding = report["releases"][0]["findings"]
        .as_array()
        .and_then(|f| f.iter().find(|f| f["rule"] == "secrets-to-network"))
        .cloned();
    assert_eq!(finding.expect("still there")["severity"], "info");
}

#[test]
fn thresholds_and_fail_on_decide_the_exit_code() {
    let home = Home::new();
    let target = fixture("pypi/acme-corp-util-1.0.3");
    home.write(
        "foretaste.toml",
        "[thresholds]\nblock = 1.0\nreview = 0.5\n",
    );
    let (report, code) = home.audit(&[&target]);
    assert_eq!(
        (report["releases"][0]["verdict"].as_str(), code),
        (Some("review"), 0),
        "{report:#}"
    );
    home.write(
        "foretaste.toml",
        "fail-on = \"review\"\n[thresholds]\nblock = 1.0\nreview = 0.5\n",
    );
    assert_eq!(home.audit(&[&target]).1, 1);
    let run = home.run(&["audit", "--fail-on", "block", &target]);
    assert_eq!(run.code, 0);
}

#[test]
fn a_waiver_needs_a_reason_and_ends() {
    let home = Home::new();
    let target = fixture("pypi/acme-corp-util-1.0.3");
    let waiver = |reason: &str, expires: &str| {
        let waiver = |rule: &str| {
            format!(
                "[[waivers]]\npurl = \"pkg:pypi/acme-corp-util\"\nrule = \"{rule}\"\nreason = \"{reason}\"\nexpires = \"{expires}\"\n"
            )
        };
        ["secrets-to-network", "network-at-install", "bare-payload"]
            .map(waiver)
            .concat()
    };
    home.write("foretaste.toml", waiver("red team exercise", "2026-12-01"));
    let (report, code) = home.audit(&[&target]);
    assert_eq!(code, 0, "{report:#}");
    home.write("foretaste.toml", waiver("red team exercise", "2026-10-01"));
    let (report, code) = home.audit(&[&target]);
    assert_eq!(code, 1);
    assert!(
        report["policy_notes"][0]
            .as_str()
            .expect("a note")
            .contains("expired")
    );
    home.write("foretaste.toml", waiver("", "2026-12-01"));
    assert_eq!(home.run(&["audit", &target]).code, 2);
}

#[test]
fn limits_apply_and_make_the_verdict_incomplete() {
    let home = Home::new();
    home.write("foretaste.toml", "[limits]\nunpacked-bytes = \"1 KiB\"\n");
    let big = foretaste_fake_registries::tar_gz(&[
        ("x-1/PKG-INFO", "Name: x\n"),
        ("x-1/a.txt", &"a".repeat(10_000)),
    ]);
    let archive = home.write("x-1.tar.gz", big);
    let (report, code) = home.audit(&[&archive.display().to_string()]);
    assert_eq!(code, 3, "{report:#}");
}

#[test]
fn the_schema_describes_the_file() {
    let run = Home::new().run(&["config", "schema"]);
    let schema: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert!(schema["properties"]["waivers"].is_object());
}
