//! `POST /-/npm/v1/security/advisories/bulk`: which advisories cover these versions of these packages.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{AuditError, MAX_PACKAGES, number, ranges, release, severity, title};
use crate::{Database, Record, base_score};

/// Answers `{"<name>": ["<version>", ...]}` with `{"<name>": [<advisory>, ...]}`. Packages without advisories are left
/// out, as the protocol has it.
///
/// # Errors
/// The question is malformed, or the database damaged.
pub fn bulk(question: &[u8], database: Option<&Database>) -> Result<Vec<u8>, AuditError> {
    let asked: BTreeMap<String, Vec<String>> =
        serde_json::from_slice(question).map_err(|e| AuditError::Question(e.to_string()))?;
    if asked.len() > MAX_PACKAGES {
        return Err(AuditError::Question(format!(
            "it names more than {MAX_PACKAGES} packages"
        )));
    }
    let mut answer: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (name, versions) in &asked {
        let Some(database) = database else { break };
        let package = release(name, "");
        let about = database.about(&package)?;
        let found: Vec<Value> = about
            .iter()
            .filter(|record| versions.iter().any(|v| record.covers(&release(name, v))))
            .map(|record| advisory(record, name))
            .collect();
        if !found.is_empty() {
            answer.insert(name, found);
        }
    }
    serde_json::to_vec(&answer).map_err(|e| AuditError::Question(e.to_string()))
}

fn advisory(record: &Record, name: &str) -> Value {
    let package = release(name, "");
    let vector = record
        .vectors
        .iter()
        .filter(|v| v.starts_with("CVSS:3"))
        .find(|v| base_score(v).is_some());
    json!({
        "id": number(record),
        "url": record.url(),
        "title": title(record),
        "severity": severity(record, &package),
        "vulnerable_versions": ranges::vulnerable(record, &package),
        "cwe": record.weaknesses,
        "cvss": {
            "score": record.score(record.about(&package)).unwrap_or(0.0),
            "vectorString": vector,
        },
    })
}
