//! `POST /-/npm/v1/security/audits/quick`: which advisories cover a tree of packages, with the ways that lead to each.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{AuditError, MAX_PACKAGES, number, ranges, release, severity, title};
use crate::{Database, Record};

/// Levels of a tree that are followed.
const MAX_DEPTH: usize = 64;
/// Ways that are told of one advisory.
const MAX_PATHS: usize = 100;

#[derive(Deserialize)]
struct Tree {
    #[serde(default)]
    dependencies: BTreeMap<String, Node>,
}

#[derive(Deserialize)]
struct Node {
    #[serde(default)]
    version: String,
    #[serde(default)]
    dev: bool,
    #[serde(default)]
    optional: bool,
    #[serde(default)]
    dependencies: BTreeMap<String, Self>,
}

/// Where one package stands in the tree.
struct Place<'a> {
    path: String,
    name: &'a str,
    node: &'a Node,
}

/// Answers a tree of `dependencies` with advisories, their findings, and counts.
///
/// # Errors
/// The question is malformed, or the database damaged.
pub fn quick(question: &[u8], database: Option<&Database>) -> Result<Vec<u8>, AuditError> {
    let tree: Tree =
        serde_json::from_slice(question).map_err(|e| AuditError::Question(e.to_string()))?;
    let mut places = Vec::new();
    walk(&tree.dependencies, "", 0, &mut places)?;
    let mut advisories: BTreeMap<String, Value> = BTreeMap::new();
    let mut counts: BTreeMap<&str, usize> = ["info", "low", "moderate", "high", "critical"]
        .map(|level| (level, 0))
        .into();
    for place in &places {
        let Some(database) = database else { break };
        let wanted = release(place.name, &place.node.version);
        for record in database.covering(&wanted)? {
            if let Some(count) = counts.get_mut(severity(&record, &wanted)) {
                *count += 1;
            }
            let entry = advisories
                .entry(number(&record).to_string())
                .or_insert_with(|| advisory(&record, place.name));
            add_finding(entry, place);
        }
    }
    let kind = |of: fn(&Node) -> bool| places.iter().filter(|p| of(p.node)).count();
    let answer = json!({
        "actions": [],
        "advisories": advisories,
        "muted": [],
        "metadata": {
            "vulnerabilities": counts,
            "dependencies": kind(|n| !n.dev && !n.optional),
            "devDependencies": kind(|n| n.dev),
            "optionalDependencies": kind(|n| n.optional && !n.dev),
            "totalDependencies": places.len(),
        },
    });
    serde_json::to_vec(&answer).map_err(|e| AuditError::Question(e.to_string()))
}

fn walk<'a>(
    level: &'a BTreeMap<String, Node>,
    above: &str,
    depth: usize,
    out: &mut Vec<Place<'a>>,
) -> Result<(), AuditError> {
    if depth > MAX_DEPTH || out.len() > MAX_PACKAGES {
        return Err(AuditError::Question("its tree is too large".to_owned()));
    }
    for (name, node) in level {
        let path = if above.is_empty() {
            name.clone()
        } else {
            format!("{above}>{name}")
        };
        walk(&node.dependencies, &path, depth + 1, out)?;
        out.push(Place { path, name, node });
    }
    Ok(())
}

fn advisory(record: &Record, name: &str) -> Value {
    let package = release(name, "");
    let cves: Vec<&str> = record.ids().filter(|i| i.starts_with("CVE-")).collect();
    json!({
        "findings": [],
        "id": number(record),
        "module_name": name,
        "title": title(record),
        "overview": record.details,
        "recommendation": record.about(&package).flat_map(crate::Affected::fixed).next()
            .map(|v| format!("Upgrade to version {v} or later")),
        "severity": severity(record, &package),
        "vulnerable_versions": ranges::vulnerable(record, &package),
        "patched_versions": ranges::patched(record, &package),
        "cves": cves,
        "cwe": record.weaknesses,
        "url": record.url(),
        "created": record.published,
        "updated": record.modified,
    })
}

fn add_finding(advisory: &mut Value, place: &Place<'_>) {
    let Some(findings) = advisory.get_mut("findings").and_then(Value::as_array_mut) else {
        return;
    };
    let version = &place.node.version;
    let known = findings
        .iter_mut()
        .find(|f| f.get("version").is_some_and(|v| v == version));
    match known {
        Some(finding) => {
            if let Some(paths) = finding.get_mut("paths").and_then(Value::as_array_mut)
                && paths.len() < MAX_PATHS
            {
                paths.push(Value::from(place.path.as_str()));
            }
        }
        None => findings.push(json!({
            "version": version,
            "paths": [place.path],
            "dev": place.node.dev,
            "optional": place.node.optional,
            "bundled": false,
        })),
    }
}
