//! The page of a package: verdicts, evidence, decisions, history.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use foretaste_model::Ecosystem;
use foretaste_model::target::is_valid_name;
use serde_json::Value;

use super::filters;
use super::session::Session;
use super::view::{self, Row};
use crate::decide::{Asked, Ruling};
use crate::explain::candidates;
use crate::gate::{Gate, key};
use crate::record::{Key, Record};
use crate::web;

/// Lines of the history.
const LINES: u32 = 50;
/// Releases on the page.
const RELEASES: usize = 50;
/// Findings of a release, and places of a finding.
const FINDINGS: usize = 20;
const PLACES: usize = 6;

#[derive(Template)]
#[template(path = "package.html")]
struct Package {
    session: Session,
    ecosystem: &'static str,
    name: String,
    owned: bool,
    releases: Vec<Release>,
    events: Vec<Row>,
}

#[derive(Default)]
struct Release {
    version: String,
    verdict: Option<String>,
    lines: Vec<String>,
    findings: Vec<Finding>,
    /// How many of them, at the end, decided nothing and are folded together.
    lesser: usize,
    judged: i64,
    /// The files that an approval is good for, by digest.
    digests: String,
}

impl Release {
    fn names(&mut self, digest: &str) {
        if !self.digests.is_empty() {
            self.digests.push(' ');
        }
        self.digests.push_str(digest);
    }
}

struct Finding {
    message: String,
    rule: String,
    severity: String,
    confidence: String,
    /// True if the lesser ones begin with it.
    begins_lesser: bool,
    /// Where, and what stands there.
    places: Vec<(String, String)>,
}

/// `GET /admin/package/<ecosystem>/<name>`
pub(super) async fn package(
    State(gate): State<Arc<Gate>>,
    session: Session,
    Path((ecosystem, name)): Path<(String, String)>,
) -> Result<Response, Response> {
    let ecosystem = Ecosystem::from_prefix(&ecosystem)
        .filter(|e| is_valid_name(*e, &name))
        .ok_or_else(|| web::plain(StatusCode::NOT_FOUND, "there is no such package"))?;
    let key = key(ecosystem, &name);
    gate.journal.flush().await;
    let record = gate.record(&key).await.map_err(|e| view::failed(&e))?;
    let events = gate
        .database
        .events(None, Some((ecosystem.id(), key.1.as_str())), LINES)
        .await
        .map_err(|e| view::failed(&e))?;
    let waiting = waiting(&gate, &key, &record).await;
    let mut releases = releases(&record, waiting);
    for release in &mut releases {
        let judged = record
            .judged
            .values()
            .filter(|j| j.version == release.version)
            .max_by_key(|j| j.verdict);
        if let Some(judged) = judged {
            let place = (ecosystem, key.1.as_str(), release.version.as_str());
            let report = gate.database.report(place, &judged.sha256).await;
            let report = report.map_err(|e| view::failed(&e))?;
            release.findings = findings(&report.unwrap_or_default());
            release.lesser = fold(&mut release.findings);
        }
    }
    Ok(view::page(&Package {
        session,
        ecosystem: ecosystem.id(),
        name: key.1.as_str().to_owned(),
        owned: gate.owns(&key, &record),
        releases,
        events: events.into_iter().map(Row).collect(),
    }))
}

/// What an index leaves out although it was not vetted, because it is young or its bytes changed.
async fn waiting(gate: &Arc<Gate>, key: &Key, record: &Record) -> Vec<(Ruling, String, String)> {
    let asked = Asked {
        owned: gate.owns(key, record),
        team: "",
    };
    let found = candidates(gate, key).await.unwrap_or_default();
    let waiting = found.iter().filter(|c| !gate.shows(c, record, asked));
    let unseen = waiting.filter_map(|c| {
        let digest = c.digest(record)?;
        c.judged(record).is_none().then(|| {
            let version = c.release.version.to_string();
            (gate.judge_known(c, record, asked), version, digest)
        })
    });
    unseen.take(RELEASES).collect()
}

/// Everything that is known of each version, the last judged first.
fn releases(record: &Record, waiting: Vec<(Ruling, String, String)>) -> Vec<Release> {
    let mut all: BTreeMap<String, Release> = BTreeMap::new();
    for upload in &record.uploads {
        let release = all.entry(upload.version.clone()).or_default();
        release.lines.push(format!(
            "{} published by {} at {}{}",
            upload.filename,
            upload.uploader,
            view::time(upload.uploaded),
            upload
                .yanked
                .as_ref()
                .map_or_else(String::new, |r| format!(", yanked: {r}"))
        ));
        release.judged = release.judged.max(upload.uploaded);
    }
    let mut judged: Vec<_> = record.judged.values().collect();
    judged.sort_by_key(|j| j.verdict);
    for judged in judged {
        let release = all.entry(judged.version.clone()).or_default();
        release.verdict = Some(judged.verdict.to_string());
        release.judged = release.judged.max(judged.at);
        release.lines.push(format!(
            "{}: {} (score {:.2}), judged at {}, sha256 {}",
            judged.filename,
            judged.verdict,
            judged.score,
            view::time(judged.at),
            judged.sha256
        ));
        release.names(&format!("sha256:{}", judged.sha256));
    }
    for (ruling, version, digest) in waiting {
        let release = all.entry(version).or_default();
        release
            .lines
            .push(format!("{}: {} ({digest})", ruling.filename, ruling.line()));
        release.names(&digest);
    }
    for decision in record.people.values().flatten() {
        let release = all.entry(decision.version.clone()).or_default();
        release.lines.push(format!(
            "{} by {} at {}{}: {}",
            if decision.approved {
                format!("{} approved", decision.digest)
            } else {
                "denied".to_owned()
            },
            decision.person,
            view::time(decision.at),
            decision
                .until
                .map_or_else(String::new, |until| format!(" until {}", view::time(until))),
            decision.reason
        ));
    }
    let mut releases: Vec<Release> = all
        .into_iter()
        .map(|(version, release)| Release { version, ..release })
        .collect();
    releases.sort_by_key(|r| std::cmp::Reverse(r.judged));
    releases.truncate(RELEASES);
    releases
}

/// Folds the findings that follow the last one of weight together, if that makes the page shorter; says how many those are.
fn fold(findings: &mut [Finding]) -> usize {
    let grave = |f: &Finding| !matches!(&*f.severity, "low" | "info");
    let first = findings.iter().rposition(grave).map_or(0, |at| at + 1);
    let lesser = findings.len() - first;
    match findings.get_mut(first) {
        Some(finding) if first > 0 && lesser > 3 => {
            finding.begins_lesser = true;
            lesser
        }
        _ => 0,
    }
}

fn findings(report: &Value) -> Vec<Finding> {
    let mut findings: Vec<&Value> = report["findings"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let weight = |f: &Value| f["weight"].as_f64().unwrap_or_default();
    findings.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    findings
        .into_iter()
        .take(FINDINGS)
        .map(|finding| {
            let evidence = finding["evidence"].as_array().into_iter().flatten();
            let mut places: Vec<(String, String)> = evidence
                .map(|e| {
                    let line = e["line"].as_u64().unwrap_or_default();
                    (format!("{}:{line}", text(&e["path"])), text(&e["snippet"]))
                })
                .collect();
            // the steps of a chain often stand on one line
            places.dedup();
            places.truncate(PLACES);
            Finding {
                message: text(&finding["message"]),
                rule: text(&finding["rule"]),
                severity: text(&finding["severity"]),
                confidence: text(&finding["confidence"]),
                begins_lesser: false,
                places,
            }
        })
        .collect()
}
