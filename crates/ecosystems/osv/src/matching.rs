//! From records to what a release's report says.

use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::{PackageName, ReleaseId};
use serde_json::Value;

use crate::severity::{base_score, word_score};
use crate::{Affected, Coverage, Event, Record, covers, version};

/// Versions that are named as fixed.
const MAX_FIXED: usize = 64;

impl Record {
    /// What the record says about a package.
    pub fn about<'a>(&'a self, release: &'a ReleaseId) -> impl Iterator<Item = &'a Affected> {
        self.affected.iter().filter(move |a| a.is(release))
    }

    /// The score: the highest of its vectors, else the middle of what its word stands for.
    pub fn score<'a>(&'a self, about: impl IntoIterator<Item = &'a Affected>) -> Option<f32> {
        let own = about.into_iter().flat_map(|a| &a.vectors);
        let exact = self
            .vectors
            .iter()
            .chain(own)
            .filter_map(|v| base_score(v))
            .max_by(f32::total_cmp);
        exact.or_else(|| self.word.as_deref().and_then(word_score))
    }

    /// True if the record covers the release. Malware whose versions cannot be read is taken to cover it: the record
    /// speaks of the package, and to let it pass would be a guess.
    pub fn covers(&self, release: &ReleaseId) -> bool {
        !self.withdrawn
            && self
                .about(release)
                .any(|a| match covers(a, &release.version) {
                    Coverage::Covered => true,
                    Coverage::Unreadable => self.malware,
                    Coverage::Clear => false,
                })
    }
}

impl Affected {
    /// True if it is about the release's package.
    pub fn is(&self, release: &ReleaseId) -> bool {
        self.ecosystem == release.ecosystem
            && PackageName::new(self.ecosystem, &self.name).key() == release.name.key()
    }

    /// Versions in which it is fixed, in the record's order.
    pub fn fixed(&self) -> impl Iterator<Item = &str> {
        self.ranges
            .iter()
            .flat_map(|r| &r.events)
            .filter_map(|e| match e {
                Event::Fixed(v) => Some(&**v),
                _ => None,
            })
    }
}

/// The records that cover a release.
pub fn hits<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    release: &ReleaseId,
) -> Vec<&'a Record> {
    records
        .into_iter()
        .filter(|record| record.covers(release))
        .collect()
}

/// What a report says of a record that covers a release.
pub fn to_match(record: &Record, release: &ReleaseId) -> AdvisoryMatch {
    let fixed = record
        .about(release)
        .flat_map(Affected::fixed)
        .take(MAX_FIXED)
        .map(Into::into)
        .collect();
    AdvisoryMatch {
        id: record.id.clone(),
        aliases: record.aliases.clone(),
        summary: record.summary.clone(),
        malware: record.malware,
        cvss: record.score(record.about(release)),
        fixed: version::above(fixed, release),
        url: record.url(),
        functions: functions(record, release),
    }
}

/// The vulnerable functions of a package, in full; none if the record means all of one of its parts.
fn functions(record: &Record, release: &ReleaseId) -> Vec<Box<str>> {
    let symbols = || record.about(release).flat_map(|a| &a.symbols);
    if symbols().any(|s| s.names.is_empty()) {
        return Vec::new();
    }
    let full = symbols().flat_map(|s| {
        s.names.iter().map(|name| match &*s.path {
            "" => name.clone(),
            path => format!("{path}.{name}").into(),
        })
    });
    full.take(MAX_FIXED).collect()
}

/// Reads a record of which a service says that it covers a release; none if it was withdrawn or has no id.
pub fn read_record(json: &Value, release: &ReleaseId) -> Option<AdvisoryMatch> {
    let record = Record::from_json(json)?;
    (!record.withdrawn).then(|| to_match(&record, release))
}

#[cfg(test)]
mod tests {
    use foretaste_model::Ecosystem;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn release() -> ReleaseId {
        ReleaseId::new(Ecosystem::Pypi, "Friendly_Bard", "1.9")
    }

    fn read(record: &Value) -> Option<AdvisoryMatch> {
        read_record(record, &release())
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
            "references": [{"type": "WEB", "url": "https://w.example"}, {"type": "ADVISORY", "url": "https://a.example"},
                           {"type": "ADVISORY", "url": "javascript:alert(1)"}],
        });
        let advisory = read(&record).expect("a record");
        assert_eq!(&*advisory.summary, "Sends keys");
        assert_eq!(advisory.aliases, ["CVE-2026-1".into()]);
        assert_eq!(advisory.cvss, Some(9.8));
        assert_eq!(advisory.fixed, ["1.9.1".into(), "1.10".into()]);
        assert_eq!(advisory.url.as_deref(), Some("https://a.example"));
        assert!(!advisory.malware);
        assert!(Record::from_json(&record).is_some_and(|r| r.covers(&release())));
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
        assert_eq!(read(&json!({"id": "a b\u{1b}[31m"})), None);
        assert!(read(&json!({"id": "MAL-1", "withdrawn": null, "aliases": "no list"})).is_some());
    }

    #[test]
    fn a_word_stands_in_for_a_vector_that_cannot_be_scored() {
        let record = json!({"id": "GHSA-x", "severity": [{"type": "CVSS_V4", "score": "CVSS:4.0/AV:N"}],
            "database_specific": {"severity": "HIGH"}});
        assert_eq!(read(&record).and_then(|a| a.cvss), Some(8.0));
        assert_eq!(read(&json!({"id": "x"})).and_then(|a| a.cvss), None);
    }

    #[test]
    fn malware_covers_a_version_that_nobody_can_read() {
        let record = |id: &str| {
            let json = json!({"id": id, "affected": [{"package": {"ecosystem": "PyPI", "name": "friendly-bard"},
                "ranges": [{"events": [{"introduced": "1"}, {"fixed": "2"}]}]}]});
            Record::from_json(&json).expect("a record")
        };
        let odd = ReleaseId::new(Ecosystem::Pypi, "friendly-bard", "not a version");
        assert!(record("MAL-1").covers(&odd) && !record("CVE-1").covers(&odd));
    }

    proptest! {
        #[test]
        fn hostile_records_are_survived(text in "\\PC{0,40}", key in "id|affected|ranges|events|package|severity") {
            let mut record = json!({"id": "X-1", "affected": [{"package": {"ecosystem": "npm", "name": text},
                "ranges": [{"type": text, "events": [{"introduced": text}, {"fixed": text}]}], "versions": [text]}],
                "severity": [{"score": text}]});
            record[key.as_str()] = json!([text, {"package": text, "events": {}, "ranges": [1, [2]]}, null, 1.5]);
            if let Some(record) = Record::from_json(&record) {
                let _ = record.covers(&ReleaseId::new(Ecosystem::Npm, &text, &text));
            }
        }
    }
}
