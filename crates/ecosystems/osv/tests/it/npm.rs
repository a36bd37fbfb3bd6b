//! The audit protocols.

use foretaste_model::Ecosystem;
use foretaste_osv::{Advisories, npm};
use serde_json::{Value, json};

use crate::support::{archive, import, record};

fn database() -> (tempfile::TempDir, Advisories) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = Advisories::at(dir.path());
    let mut flaw = record("GHSA-1", "npm", "pad", "1.5.0", "2026-01-01T00:00:00Z");
    flaw["severity"] =
        json!([{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]);
    flaw["database_specific"] = json!({"cwe_ids": ["CWE-79"]});
    flaw["aliases"] = json!(["CVE-2026-7"]);
    flaw["affected"][0]["ranges"] = json!([{"type": "SEMVER", "events": [
        {"introduced": "0"}, {"fixed": "1.5.0"}, {"introduced": "2.0.0"}, {"last_affected": "2.4.1"}]}]);
    let malware = record(
        "MAL-2026-9",
        "npm",
        "@acme/evil",
        "9.0.0",
        "2026-01-01T00:00:00Z",
    );
    import(&folder, &archive(&[flaw, malware]), Ecosystem::Npm);
    (dir, folder)
}

#[test]
fn bulk_questions_are_answered_with_what_covers_the_versions() {
    let (_dir, folder) = database();
    let database = folder.of(Ecosystem::Npm).expect("sound");
    let ask = |question: &Value| -> Value {
        let answer = npm::bulk(question.to_string().as_bytes(), database).expect("answered");
        serde_json::from_slice(&answer).expect("JSON")
    };
    let answer =
        ask(&json!({"pad": ["1.4.0", "3.0.0"], "@acme/evil": ["1.0.0"], "fine": ["1.0.0"]}));
    let flaw = &answer["pad"][0];
    assert_eq!(flaw["severity"], "critical");
    assert_eq!(flaw["vulnerable_versions"], "<1.5.0 || >=2.0.0 <=2.4.1");
    assert_eq!(
        flaw["cvss"]["vectorString"],
        "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    );
    assert_eq!(flaw["cwe"], json!(["CWE-79"]));
    assert_eq!(answer["@acme/evil"][0]["severity"], "critical");
    assert_eq!(answer.as_object().expect("a map").len(), 2);
    assert_eq!(ask(&json!({"pad": ["3.0.0"]})), json!({}));
    assert!(npm::bulk(b"[]", database).is_err());
    assert_eq!(
        npm::bulk(b"{\"pad\": [\"1.0.0\"]}", None).ok(),
        Some(b"{}".to_vec())
    );
}

#[test]
fn quick_questions_are_answered_with_the_ways_that_lead_there() {
    let (_dir, folder) = database();
    let database = folder.of(Ecosystem::Npm).expect("sound");
    let question = json!({"name": "app", "version": "1.0.0", "requires": {"a": "^1"}, "dependencies": {
        "a": {"version": "1.0.0", "requires": {"pad": "^1"}, "dependencies": {"pad": {"version": "1.4.0"}}},
        "pad": {"version": "2.4.1", "dev": true}}});
    let answer = npm::quick(question.to_string().as_bytes(), database).expect("answered");
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(answer["metadata"]["totalDependencies"], 3);
    assert_eq!(answer["metadata"]["devDependencies"], 1);
    assert_eq!(answer["metadata"]["vulnerabilities"]["critical"], 2);
    let advisories = answer["advisories"].as_object().expect("a map");
    let advisory = advisories.values().next().expect("one");
    assert_eq!(advisory["module_name"], "pad");
    assert_eq!(advisory["patched_versions"], ">=1.5.0");
    assert_eq!(advisory["cves"], json!(["CVE-2026-7"]));
    assert_eq!(advisory["findings"][0]["paths"], json!(["a>pad"]));
    assert_eq!(advisory["findings"][1]["paths"], json!(["pad"]));
    assert!(npm::quick(b"7", database).is_err());
}
