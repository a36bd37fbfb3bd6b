//! SARIF 2.1.0, as code-scanning services read it.

use foretaste_model::report::Report;
use foretaste_model::{Ecosystem, Evidence, ExecutionContext, Span, Verdict};
use foretaste_report::sarif;
use serde_json::Value;

use crate::human::everything;
use crate::reports::*;

fn log(report: &Report) -> Value {
    let text = sarif::render(report, &rules).expect("a report is JSON");
    serde_json::from_str(&text).expect("what was written as JSON reads back")
}

#[test]
fn reports_as_sarif() {
    let text = sarif::render(&report(vec![exfiltration(), waived()]), &rules).unwrap();
    insta::assert_snapshot!("blocked_and_waived", text);
    let text = sarif::render(&report(vec![incomplete(), layered()]), &rules).unwrap();
    insta::assert_snapshot!("incomplete_and_layered", text);
}

#[test]
fn every_result_has_a_rule_a_place_and_a_fingerprint() {
    let mut everything = everything();
    everything
        .releases
        .extend([hostile(), minified(), multiline()]);
    let log = log(&everything);
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let results = run["results"].as_array().unwrap();
    let expected: usize = everything.releases.iter().map(|r| r.findings.len()).sum();
    assert_eq!(results.len(), expected);
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            .as_str()
            .unwrap();
        assert!(!uri.is_empty());
        assert!(
            uri.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._~/!@+%".contains(&b)),
            "{uri}"
        );
        let print = &result["partialFingerprints"]["primaryLocationLineHash"];
        assert!(print.as_str().unwrap().contains(':'));
    }
}

#[test]
fn fingerprints_differ_within_a_report_and_survive_a_new_version_with_moved_code() {
    let prints = |report: &Report| -> Vec<String> {
        log(report)["runs"][0]["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["partialFingerprints"]["foretaste/v1"].to_string())
            .collect()
    };
    let old = prints(&report(vec![exfiltration()]));
    let mut unique = old.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), old.len());

    let mut moved = exfiltration();
    moved.version = Some("1.0.4".into());
    for evidence in &mut moved.findings[0].evidence {
        let span = evidence.span.as_mut().unwrap();
        *span = Span::on_line(span.line + 30, span.column + 4, span.end_column + 4);
        evidence.snippet = format!("    {}", evidence.snippet).into();
    }
    assert_eq!(prints(&report(vec![moved])), old);
}

#[test]
fn what_could_not_be_checked_is_told_as_notifications() {
    let log = log(&report(vec![incomplete()]));
    let invocation = &log["runs"][0]["invocations"][0];
    let notices: Vec<(String, String)> = invocation["toolExecutionNotifications"]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| {
            let text = |v: &Value| v.as_str().unwrap().to_owned();
            (text(&n["descriptor"]["id"]), text(&n["level"]))
        })
        .collect();
    let with = |id: &str, level: &str| {
        notices
            .iter()
            .filter(|(i, l)| i == id && l == level)
            .count()
    };
    assert_eq!(with("incomplete", "error"), 2);
    assert_eq!(with("check-skipped", "warning"), 3);
    assert_eq!(with("check-skipped", "note"), 1);
    assert_eq!(with("artifact-not-tasted", "note"), 1);
}

#[test]
fn messages_carry_no_placeholder_and_no_link() {
    let mut release = clear(Ecosystem::Npm, "x", "1");
    release.verdict = Verdict::Review;
    release.findings = vec![
        finding("install-hook", "runs {0} [free](https://evil.invalid)", 0.5)
            .context(ExecutionContext::Install)
            .evidence(Evidence::statement("{1}")),
    ];
    let log = log(&report(vec![release]));
    let text = log["runs"][0]["results"][0]["message"]["text"]
        .as_str()
        .unwrap();
    assert_eq!(
        text,
        "x: runs {{0}} [free] (https://evil.invalid) while it is being installed; {{1}}"
    );
}

#[test]
fn a_local_folder_keeps_its_own_paths() {
    let mut release = exfiltration();
    release.target = "./pkgs/acme util".into();
    release.artifacts[0].kind = foretaste_model::facts::ArtifactKind::Folder;
    release.artifacts[0].filename = "acme util".into();
    for evidence in &mut release.findings[0].evidence {
        evidence.artifact = "acme util".into();
    }
    let log = log(&report(vec![release]));
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(
        place["artifactLocation"]["uri"],
        "pkgs/acme%20util/setup.py"
    );
}
