//! Rules of the user's own, from the policy to the report.

use crate::support::{Home, fixture, rules};

const FACTS: &str = r#"
[[rules]]
id = "acme-posts"
title = "posts somewhere"
severity = "high"
confidence = "high"
when = { capability = "network.*", context = ["install"] }
cases = [{ title = "not this", expect = "silent", files = { "a.py" = "x = 1\n" } }]
"#;

const YARA: &str = r#"
rule Acme_Environ {
  meta:
    description = "names the environment"
    severity = "critical"
    confidence = "certain"
  strings:
    $e = "os.environ"
  condition:
    $e
}
"#;

fn home() -> Home {
    let home = Home::new();
    home.write("rules/acme.toml", FACTS);
    home.write("rules/yara/acme.yar", YARA);
    home
}

const POLICY: &str = "[rules]\nfiles = ['rules/acme.toml']\n[rules.yara]\nfiles = ['rules/yara']\n";

#[test]
fn own_rules_stand_beside_the_built_in_ones() {
    let home = home();
    home.write(
        "foretaste.toml",
        format!("{POLICY}[rules.acme-posts]\nseverity = 'low'\n"),
    );
    let package = fixture("pypi/acme-corp-util-1.0.3");
    let (report, _) = home.audit(&["--offline", &package]);
    let release = &report["releases"][0];
    let found = rules(release);
    assert!(
        found.contains(&"acme-posts") && found.contains(&"yara-acme-environ"),
        "{found:?}"
    );
    let finding = |id: &str| {
        release["findings"]
            .as_array()
            .and_then(|f| f.iter().find(|f| f["rule"] == id).cloned())
    };
    assert_eq!(finding("acme-posts").expect("found")["severity"], "low");
    let yara = finding("yara-acme-environ").expect("found");
    assert_eq!(yara["evidence"][0]["path"], "setup.py");
    assert!(yara["evidence"][0]["line"].is_u64(), "{yara:#}");

    let sarif = home
        .run(&["audit", "--offline", "--format", "sarif", &package])
        .stdout;
    assert!(sarif.contains("yara-acme-environ") && sarif.contains("names the environment"));
    assert!(home.run(&["rules"]).stdout.contains("yara-acme-environ"));
    assert!(
        home.run(&["explain", "acme-posts"])
            .stdout
            .starts_with("# posts somewhere")
    );
}

#[test]
fn own_rules_are_waived_like_others() {
    let home = home();
    home.write(
        "foretaste.toml",
        format!("{POLICY}[[waivers]]\npurl = 'pkg:pypi/acme-corp-util'\nrule = 'yara-acme-environ'\nreason = 'known'\nexpires = 2027-01-01\n"),
    );
    let (report, _) = home.audit(&["--offline", &fixture("pypi/acme-corp-util-1.0.3")]);
    let findings = report["releases"][0]["findings"]
        .as_array()
        .expect("a list");
    let waived = findings
        .iter()
        .find(|f| f["rule"] == "yara-acme-environ")
        .expect("found");
    assert_eq!(waived["waived"], "known");
}

#[test]
fn rules_given_by_flag_are_used_and_their_mistakes_told() {
    let home = home();
    let (report, _) = home.audit(&[
        "--offline",
        "--yara",
        "rules/yara/acme.yar",
        &fixture("pypi/acme-corp-util-1.0.3"),
    ]);
    assert!(rules(&report["releases"][0]).contains(&"yara-acme-environ"));
    home.write(
        "bad.toml",
        "[[rules]]\nid = 'x'\ntitle = 't'\nseverity = 'high'\nwen = {}\n",
    );
    let run = home.run(&["audit", "--offline", "--rules", "bad.toml", "rules"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr
            .contains("bad.toml:5:1: unknown key `rules[0].wen`"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("did you mean `when`?"),
        "{}",
        run.stderr
    );
    home.write("bad.yar", "rule x { condition: tru }\n");
    let run = home.run(&["audit", "--offline", "--yara", "bad.yar", "rules"]);
    assert!(
        run.stderr.contains("cannot compile bad.yar:1:"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_cases_of_rule_files_run() {
    let home = home();
    let run = home.run(&["rules", "test", "rules/acme.toml"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "ok      acme-posts · not this\n\n1 of 1 cases hold\n")
    );
    home.write("rules/acme.toml", FACTS.replace("silent", "fire"));
    let run = home.run(&["rules", "test", "rules/acme.toml"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stdout
            .contains("FAILED  acme-posts · not this\n        should fire, and is silent"),
        "{}",
        run.stdout
    );
}
