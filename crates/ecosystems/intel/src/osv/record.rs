//! One record of the OSV schema (<https://ossf.github.io/osv-schema/>).

use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::{PackageName, ReleaseId};
use serde_json::Value;

use super::{base_score, versions};
use crate::json::{clip, list, text};

/// Ids and versions that are kept of a record.
const MAX_ITEMS: usize = 64;

/// Reads a record that covers a release; none if it was withdrawn or has no id.
pub fn read_record(record: &Value, release: &ReleaseId) -> Option<AdvisoryMatch> {
    if record.get("withdrawn").is_some_and(|w| !w.is_null()) {
        return None;
    }
    let id = text(record, "id")?;
    let affected: Vec<&Value> = list(record, "affected")
        .iter()
        .filter(|a| names(a, release))
        .collect();
    let aliases: Vec<Box<str>> = list(record, "aliases")
        .iter()
        .filter_map(|a| a.as_str().and_then(clip))
        .filter(|a| *a != id)
        .take(MAX_ITEMS)
        .collect();
    let malware = id.starts_with("MAL-")
        || aliases.iter().any(|a| a.starts_with("MAL-"))
        || is_malware(record)
        || affected.iter().any(|a| is_malware(a));
    let summary = text(record, "summary")
        .or_else(|| text(record, "details").map(|d| d.lines().next().unwrap_or_default().into()))
        .unwrap_or_default();
    Some(AdvisoryMatch {
        malware,
        cvss: score(record, &affected),
        fixed: fixed(&affected, release),
        url: url(record),
        id,
        aliases,
        summary,
    })
}

fn names(affected: &Value, release: &ReleaseId) -> bool {
    let name = affected
        .get("package")
        .and_then(|p| p.get("name"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    PackageName::new(release.ecosystem, name).key() == release.name.key()
}

/// The marks of malware records that were imported from elsewhere.
fn is_malware(value: &Value) -> bool {
    let Some(own) = value.get("database_specific") else {
        return false;
    };
    // CWE-506: embedded malicious code
    own.get("malicious-packages-origins").is_some()
        || list(own, "cwe_ids").iter().any(|c| c == "CWE-506")
        || list(own, "cwes")
            .iter()
            .any(|c| c.get("cweId").is_some_and(|i| i == "CWE-506"))
}

/// The highest score of its CVSS 3 vectors, else the middle of the range that its severity word stands for.
fn score(record: &Value, affected: &[&Value]) -> Option<f32> {
    let places = || std::iter::once(record).chain(affected.iter().copied());
    let exact = places()
        .flat_map(|v| list(v, "severity"))
        .filter_map(|s| s.get("score").and_then(Value::as_str))
        .filter_map(base_score)
        .max_by(f32::total_cmp);
    exact.or_else(|| {
        places()
            .flat_map(|v| [v.get("database_specific"), v.get("ecosystem_specific")])
            .flatten()
            .filter_map(|v| v.get("severity").and_then(Value::as_str))
            .find_map(word_score)
    })
}

/// <https://www.first.org/cvss/v3.1/specification-document#Qualitative-Severity-Rating-Scale>
fn word_score(word: &str) -> Option<f32> {
    match word.to_ascii_lowercase().as_str() {
        "low" => Some(2.0),
        "moderate" | "medium" => Some(5.5),
        "high" => Some(8.0),
        "critical" => Some(9.5),
        _ => None,
    }
}

/// Fixed versions above this one, ascending, so that the first is the nearest.
fn fixed(affected: &[&Value], release: &ReleaseId) -> Vec<Box<str>> {
    let all: Vec<Box<str>> = affected
        .iter()
        .flat_map(|a| list(a, "ranges"))
        .filter(|r| r.get("type").is_none_or(|t| t != "GIT"))
        .flat_map(|r| list(r, "events"))
        .filter_map(|e| text(e, "fixed"))
        .take(MAX_ITEMS)
        .collect();
    versions::above(all, release)
}

fn url(record: &Value) -> Option<Box<str>> {
    let references = list(record, "references");
    let of_kind = |kind: &str| {
        references
            .iter()
            .find(|r| r.get("type").is_some_and(|t| t == kind))
            .and_then(|r| text(r, "url"))
    };
    of_kind("ADVISORY").or_else(|| of_kind("WEB")).or_else(|| {
        let id = record.get("id").and_then(Value::as_str)?;
        let plain = id
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.'));
        plain.then(|| format!("https://osv.dev/vulnerability/{id}").into())
    })
}

#[cfg(test)]
mod tests {
    use foretaste_model::Ecosystem;
    use serde_json::json;

    use super::*;

    fn read(record: &Value) -> Option<AdvisoryMatch> {
        read_record(
            record,
            &ReleaseId::new(Ecosystem::Pypi, "Friendly_Bard", "1.9"),
        )
    }

    #[test]
    fn a_record_becomes_an_advisory() {
        let record = json!({
            "id": "GHSA-aaaa-bbbb-cccc", "aliases": ["CVE-2026-1", "GHSA-aaaa-bbbb-cccc"],
            "summary": " Sends keys ", "severity": [
                {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"},
                {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
            "affected": [
                {"package": {"ecosystem": "PyPI", "name": "friendly-bard"},
                 "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.10"}]},
                            {"type": "ECOSYSTEM", "events": [{"fixed": "1.2"}, {"fixed": "1.9.1"}]},
                            {"type": "GIT", "events": [{"fixed": "0123abcd"}]}]},
                {"package": {"ecosystem": "PyPI", "name": "other"},
                 "ranges": [{"type": "ECOSYSTEM", "events": [{"fixed": "7"}]}]}],
            "references": [{"type": "WEB", "url": "https://w.example"}, {"type": "ADVISORY", "url": "https://a.example"}],
        });
        let advisory = read(&record).expect("a record");
        assert_eq!(&*advisory.summary, "Sends keys");
        assert_eq!(advisory.aliases, ["CVE-2026-1".into()]);
        assert_eq!(advisory.cvss, Some(9.8));
        assert_eq!(advisory.fixed, ["1.9.1".into(), "1.10".into()]);
        assert_eq!(advisory.url.as_deref(), Some("https://a.example"));
        assert!(!advisory.malware);
    }

    #[test]
    fn malware_is_told_by_id_or_origin() {
        let affected = json!([{"package": {"name": "friendly.bard"},
            "database_specific": {"malicious-packages-origins": []}}]);
        for (record, expected) in [
            (json!({"id": "MAL-2026-1"}), true),
            (json!({"id": "GHSA-x", "aliases": ["MAL-2026-1"]}), true),
            (json!({"id": "X-1", "affected": affected}), true),
            (
                json!({"id": "GHSA-x", "database_specific": {"cwe_ids": ["CWE-506"]}}),
                true,
            ),
            (
                json!({"id": "CVE-1", "database_specific": {"cwe_ids": ["CWE-79"]}}),
                false,
            ),
        ] {
            assert_eq!(read(&record).map(|a| a.malware), Some(expected), "{record}");
        }
    }

    #[test]
    fn a_withdrawn_or_nameless_record_is_passed_over() {
        assert_eq!(
            read(&json!({"id": "MAL-1", "withdrawn": "2026-01-01T00:00:00Z"})),
            None
        );
        assert_eq!(read(&json!({"summary": "x"})), None);
        assert_eq!(read(&json!(["MAL-1"])), None);
        assert!(read(&json!({"id": "MAL-1", "withdrawn": null, "aliases": "no list"})).is_some());
    }

    #[test]
    fn a_word_stands_in_for_a_vector_that_cannot_be_scored() {
        let record = json!({"id": "GHSA-x", "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}],
            "database_specific": {"severity": "HIGH"}});
        assert_eq!(read(&record).and_then(|a| a.cvss), Some(8.0));
        assert_eq!(read(&json!({"id": "x"})).and_then(|a| a.cvss), None);
    }
}
