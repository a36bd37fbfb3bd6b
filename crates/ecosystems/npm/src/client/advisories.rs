//! The registry's own advisories, asked as `npm audit` asks for them.

use std::collections::BTreeMap;

use foretaste_io::HttpError;
use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::{Knowledge, SkipKind};
use serde::Deserialize;

use crate::manifest::cut;

/// Below the registry's URL. It gets `{"<name>": ["<version>"]}`.
pub(super) const PATH: &str = "-/npm/v1/security/advisories/bulk";

/// Bytes kept of a text.
const MAX_TEXT: usize = 1 << 10;

#[derive(Deserialize)]
struct Advisory {
    #[serde(default)]
    id: serde_json::Value,
    #[serde(default)]
    url: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    cwe: Vec<String>,
    cvss: Option<Cvss>,
}

#[derive(Deserialize)]
struct Cvss {
    #[serde(default)]
    score: f32,
}

/// Reads the answer: advisories by package. The registry picks those that cover the version it was asked about.
pub(super) fn read(body: &[u8], name: &str) -> Knowledge<Vec<AdvisoryMatch>> {
    match serde_json::from_slice::<BTreeMap<String, Vec<Advisory>>>(body) {
        Ok(mut all) => {
            let own = all.remove(name).unwrap_or_default();
            Knowledge::Known(own.into_iter().take(200).map(to_model).collect())
        }
        Err(error) => Knowledge::skip(
            SkipKind::Failed,
            format!("the registry's advisories cannot be read: {error}"),
        ),
    }
}

/// Most mirrors do not offer advisories and say so in one way or another.
pub(super) fn refused(error: &HttpError) -> Knowledge<Vec<AdvisoryMatch>> {
    match error {
        HttpError::NotFound { .. }
        | HttpError::Status {
            status: 400 | 405 | 501,
            ..
        } => Knowledge::skip(SkipKind::Unsupported, "the registry offers no advisories"),
        other => Knowledge::Skipped(other.skip_reason()),
    }
}

fn to_model(advisory: Advisory) -> AdvisoryMatch {
    let named = advisory.url.rsplit('/').next().unwrap_or("");
    let id = if named.starts_with("GHSA-") {
        named.to_owned()
    } else {
        format!("npm-{}", advisory.id.to_string().trim_matches('"'))
    };
    let title = advisory.title.to_ascii_lowercase();
    AdvisoryMatch {
        id: cut(&id, 64),
        aliases: Vec::new(),
        summary: cut(&advisory.title, MAX_TEXT),
        // CWE-506: embedded malicious code
        malware: advisory.cwe.iter().any(|c| c == "CWE-506") || title.starts_with("malware in"),
        cvss: advisory.cvss.map(|c| c.score).filter(|s| *s > 0.0),
        fixed: Vec::new(),
        url: (!advisory.url.is_empty()).then(|| cut(&advisory.url, MAX_TEXT)),
        functions: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advisories_are_read_and_malware_is_told_apart() {
        let body = br#"{"pad": [
            {"id": 1, "url": "https://advisories.example/GHSA-aaaa-bbbb-cccc", "title": "Malware in pad",
             "cwe": ["CWE-506"], "cvss": {"score": 0, "vectorString": null}},
            {"id": 2, "url": "", "title": "Slow pattern", "cvss": {"score": 5.3}}]}"#;
        let Knowledge::Known(found) = read(body, "pad") else {
            panic!("the answer is well-formed");
        };
        let lines: Vec<_> = found
            .iter()
            .map(|a| format!("{} {} {:?}", a.id, a.malware, a.cvss))
            .collect();
        assert_eq!(
            lines,
            ["GHSA-aaaa-bbbb-cccc true None", "npm-2 false Some(5.3)"]
        );
        assert_eq!(read(b"{}", "pad"), Knowledge::Known(Vec::new()));
        assert!(read(b"[]", "pad").skipped().is_some());
    }
}
