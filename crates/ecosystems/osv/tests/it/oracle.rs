//! Ranges against `packaging`, node-semver and the crate `semver`, on random cases.
//!
//! `FORETASTE_ORACLE_PYTHON` names an interpreter that has `packaging`, `FORETASTE_ORACLE_NODE` a folder that has `semver` in
//! its `node_modules`; `.ci/run` installs and sets both. `FORETASTE_ORACLE_CASES` says how many cases; the whole check is
//! `FORETASTE_ORACLE_CASES=100000 cargo test -p foretaste-osv oracle`.

use std::path::{Path, PathBuf};

use foretaste_io::Program;
use foretaste_model::Ecosystem;
use foretaste_osv::{Affected, Coverage, Event, Range, covers};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

type Case = (String, Vec<(&'static str, String)>);

fn cases(pattern: &str) -> Vec<Case> {
    let version = proptest::string::string_regex(pattern)
        .expect("a pattern")
        .boxed();
    let count = std::env::var("FORETASTE_ORACLE_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(5_000);
    let kind = prop::sample::select(vec!["introduced", "introduced", "fixed", "last"]);
    let bound = prop_oneof![1 => Just("0".to_owned()), 6 => version.clone()];
    let strategy =
        (version, prop::collection::vec((kind, bound), 1..5)).prop_map(|(v, mut events)| {
            // what is to be compared is where versions lie; two events at one place have no order in the schema
            for (kind, bound) in &mut events {
                if bound == "0" {
                    *kind = "introduced";
                }
            }
            (v, events)
        });
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), seed);
    (0..count)
        .map(|_| strategy.new_tree(&mut runner).expect("a case").current())
        .collect()
}

fn here(ecosystem: Ecosystem, (version, events): &Case) -> bool {
    let events = events
        .iter()
        .map(|(kind, v)| match *kind {
            "introduced" => Event::Introduced(v.as_str().into()),
            "fixed" => Event::Fixed(v.as_str().into()),
            _ => Event::LastAffected(v.as_str().into()),
        })
        .collect();
    let affected = Affected {
        ecosystem,
        name: "pad".into(),
        ranges: vec![Range { events }],
        versions: Vec::new(),
        vectors: Vec::new(),
        symbols: Vec::new(),
    };
    covers(&affected, version) == Coverage::Covered
}

fn compare(ecosystem: Ecosystem, cases: &[Case], program: Program) {
    let input: String = cases
        .iter()
        .map(|(version, events)| format!("{}\n", json!({"version": version, "events": events})))
        .collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let program = program
        .input(input.into_bytes())
        .timeout(std::time::Duration::from_mins(20))
        .max_output(64 << 20);
    let output = runtime.block_on(program.run()).expect("the oracle runs");
    assert!(output.success, "{}", output.stderr);
    let answers: Vec<&str> = output.stdout.lines().collect();
    assert_eq!(answers.len(), cases.len());
    let different: Vec<String> = cases
        .iter()
        .zip(&answers)
        .filter(|(case, answer)| (**answer == "1") != here(ecosystem, case))
        .map(|(case, answer)| format!("{case:?}: the oracle says {answer}"))
        .collect();
    let shown = different
        .iter()
        .take(10)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    assert!(
        different.is_empty(),
        "{} of {} differ\n{shown}",
        different.len(),
        cases.len()
    );
    let covered = answers.iter().filter(|a| **a == "1").count();
    assert!(
        covered * 10 > cases.len() && covered * 10 < cases.len() * 9,
        "{covered} covered"
    );
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/oracle")
        .join(name)
}

/// What a variable names; none, and said, on a machine that has it not.
fn oracle(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok();
    if found.is_none() {
        eprintln!("NOT TESTED: {variable} is not set; see the head of this file");
    }
    found
}

#[test]
fn ranges_agree_with_packaging() {
    let Some(python) = oracle("FORETASTE_ORACLE_PYTHON") else {
        return;
    };
    let version = "v?(1!)?0?[0-3](\\.[0-2]){0,3}(([.-]?(a|b|rc|alpha|c)[0-2]?)|)(\\.post[0-2]|-[1-2]|)(\\.dev[0-2]|)";
    let cases = cases(version);
    let local: Vec<Case> = cases
        .iter()
        .step_by(3)
        .map(|(v, e)| (format!("{v}+cu1"), e.clone()))
        .collect();
    let all = [cases, local].concat();
    compare(
        Ecosystem::Pypi,
        &all,
        Program::new(python).args([script("python.py")]),
    );
}

#[test]
fn ranges_agree_with_node_semver() {
    let Some(folder) = oracle("FORETASTE_ORACLE_NODE") else {
        return;
    };
    let node = foretaste_io::Environment::of_process()
        .which("node")
        .expect("node");
    let version = "v?[0-2]\\.[0-2]\\.[0-2](-(0|[1-9]|10|a|rc|a-b)(\\.(0|2|11|x|-))?)?(\\+b[0-1])?";
    let cases = cases(version);
    let program = Program::new(node)
        .args([script("node.js")])
        .env("NODE_PATH", &format!("{folder}/node_modules"));
    compare(Ecosystem::Npm, &cases, program);
}

/// What the crate `semver` says, for which cargo's own comparisons stand.
fn by_semver((version, events): &Case) -> bool {
    let read = |text: &str| match text {
        "0" => semver::Version::parse("0.0.0-0").expect("the lowest"),
        text => semver::Version::parse(text).expect("a version"),
    };
    let order = |a: &semver::Version, b: &semver::Version| a.cmp_precedence(b);
    let own = read(version);
    let mut sorted: Vec<_> = events
        .iter()
        .map(|(k, v)| (*k, read(v), v == "0"))
        .collect();
    sorted.sort_by(|a, b| {
        let kind = (a.0 != "introduced").cmp(&(b.0 != "introduced"));
        (!a.2).cmp(&!b.2).then_with(|| order(&a.1, &b.1)).then(kind)
    });
    let mut covered = false;
    for (kind, bound, _) in sorted {
        let place = order(&own, &bound);
        match kind {
            "introduced" if place.is_ge() => covered = true,
            "fixed" if place.is_ge() => covered = false,
            "last" if place.is_gt() => covered = false,
            _ => {}
        }
    }
    covered
}

#[test]
fn ranges_agree_with_the_crate_semver() {
    let version = "[0-2]\\.[0-2]\\.[0-2](-(0|[1-9]|10|a|rc|a-b)(\\.(0|2|11|x|-))?)?(\\+b[0-1])?";
    for case in cases(version) {
        assert_eq!(here(Ecosystem::Cargo, &case), by_semver(&case), "{case:?}");
    }
}
