//! `foretaste eval` on the inert fixtures.

use serde_json::Value;

use crate::support::{Home, Run, fixture};

const ATTACKS: [&str; 3] = [
    "pypi/acme-corp-util-1.0.3",
    "npm/ui-styles-9.9.9",
    "cargo/proc-macro1-1.0.0",
];

/// Runs with the blocked fixtures as one list and the honest one as another.
fn eval(home: &Home, more: &[&str]) -> Run {
    let rows: String = ATTACKS
        .iter()
        .map(|path| format!("{path}\tfamily of {path}\n"))
        .collect();
    let malicious = home.write("malicious.tsv", rows).display().to_string();
    let benign = home
        .write("benign.txt", fixture("pypi/honest-1.0"))
        .display()
        .to_string();
    let root = fixture("");
    let given = [
        "eval",
        "--malicious",
        &malicious,
        "--root",
        &root,
        "--benign",
        &benign,
    ];
    home.run(&[&given, more].concat())
}

fn report(run: &Run) -> Value {
    serde_json::from_str(&run.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}{}", run.stdout, run.stderr))
}

#[test]
fn every_attack_fixture_is_caught_and_the_honest_one_is_not() {
    let home = Home::new();
    let run = eval(&home, &["--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = report(&run);
    let bad = &report["figures"]["malicious"];
    assert_eq!(bad["block"]["families"]["share"], 1.0, "{report:#}");
    assert_eq!(
        report["figures"]["benign"]["sdist"]["review"]["hits"], 0.0,
        "{report:#}"
    );
    assert_eq!(report["figures"]["roc"]["area"], 1.0);
    let kinds: Vec<&str> = bad["kinds"]
        .as_object()
        .expect("kinds")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(kinds, ["crate", "npm", "sdist"]);
}

#[test]
fn two_runs_differ_only_in_their_timing() {
    let home = Home::new();
    let runs = ["1", "3"].map(|jobs| {
        let mut report = report(&eval(&home, &["--format", "json", "--jobs", jobs]));
        let timing = report.as_object_mut().and_then(|r| r.remove("timing"));
        assert!(timing.is_some());
        report.to_string()
    });
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn the_files_are_written_and_compared_and_the_bars_decide_the_exit_code() {
    let home = Home::new();
    let first = eval(&home, &["--out", "first"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    for name in ["report.json", "report.html", "report.txt", "figures.json"] {
        assert!(home.path().join("first").join(name).is_file(), "{name}");
    }
    let figures =
        std::fs::read_to_string(home.path().join("first/figures.json")).expect("it was written");
    assert!(
        !figures.contains("acme-corp-util"),
        "figures name no sample"
    );
    home.write("hard.toml", "[recall.artifacts]\nblock = { bar = 1.0 }\n[false-positives.sdist]\nreview = { bar = 0.0 }\n");
    let second = eval(
        &home,
        &["--compare", "first/report.json", "--check", "hard.toml"],
    );
    assert_eq!(second.code, 0, "{}{}", second.stdout, second.stderr);
    assert!(
        second.stdout.contains("changes: 4 packages in both"),
        "{}",
        second.stdout
    );
    home.write(
        "impossible.toml",
        "[recall.artifacts]\nblock = { bar = 1.1 }\n",
    );
    let missed = eval(&home, &["--check", "impossible.toml"]);
    assert_eq!(missed.code, 1);
    assert!(missed.stderr.contains("MISS"), "{}", missed.stderr);
}

#[test]
fn nothing_to_measure_and_unknown_peers_are_usage_errors() {
    let home = Home::new();
    let nothing = home.run(&["eval"]);
    assert_eq!(nothing.code, 2);
    assert!(nothing.stderr.contains("--malicious"), "{}", nothing.stderr);
    let peer = eval(&home, &["--peer", "nobody=/bin/true"]);
    assert_eq!(peer.code, 2, "{}", peer.stderr);
}
