//! Findings as results.

use std::collections::BTreeMap;

use foretaste_model::report::ReleaseReport;
use foretaste_model::{Evidence, EvidenceRole, Finding};
use sha2::{Digest as _, Sha256};

use super::location;
use super::message;
use super::model::{
    CodeFlow, Fingerprints, ResultProperties, SarifResult, Suppression, ThreadFlow,
    ThreadFlowLocation,
};
use crate::select::message_in_context;

/// Numbers equal fingerprints, so that two findings on equal code stay two alerts.
#[derive(Debug, Default)]
pub(super) struct Counter(BTreeMap<String, u32>);

impl Counter {
    fn number(&mut self, print: &str) -> u32 {
        let seen = self.0.entry(print.to_owned()).or_default();
        *seen += 1;
        *seen
    }
}

/// A finding as a result.
pub(super) fn result(
    release: &ReleaseReport,
    finding: &Finding,
    rules: &[&str],
    counter: &mut Counter,
) -> SarifResult {
    let main = main_evidence(finding);
    // where a project asks for the release, that line is the place, and everything in the release is related
    let placed = if release.wanted_by.is_empty() {
        main
    } else {
        None
    };
    let related = finding
        .evidence
        .iter()
        .filter(|e| !placed.is_some_and(|m| std::ptr::eq(m, *e)));
    let print = fingerprint(release, finding);
    let number = counter.number(&print);
    let mut text = format!("{}: {}", release.name, message_in_context(finding));
    for note in statements(finding) {
        text.push_str("; ");
        text.push_str(note);
    }
    SarifResult {
        rule_id: finding.rule.to_string(),
        rule_index: rules.binary_search(&&*finding.rule).ok(),
        level: super::rule::level(finding.severity),
        message: message(&text),
        locations: vec![
            location::of_request(release)
                .or_else(|| main.map(|evidence| location::of_evidence(release, evidence)))
                .unwrap_or_else(|| location::of_release(release)),
        ],
        related_locations: related
            .filter(|e| !e.path.is_empty())
            .enumerate()
            .map(|(index, evidence)| {
                let mut place = location::of_evidence(release, evidence);
                place.id = Some(index + 1);
                place
            })
            .collect(),
        code_flows: code_flow(release, finding).into_iter().collect(),
        partial_fingerprints: Fingerprints {
            primary_location_line_hash: format!("{}:{number}", print.get(..16).unwrap_or(&print)),
            foretaste: format!("{print}:{number}"),
        },
        suppressions: finding
            .waived
            .iter()
            .map(|reason| Suppression {
                kind: "external",
                status: "accepted",
                justification: message(reason).text,
            })
            .collect(),
        properties: ResultProperties {
            purl: release.purl.as_deref().map(str::to_owned),
            verdict: release.verdict.id(),
            weight: finding.weight,
            confidence: finding.confidence.id(),
            context: finding.context.map(foretaste_model::ExecutionContext::id),
        },
    }
}

/// The evidence that a reader should be led to: where the harm is done, else the first place.
fn main_evidence(finding: &Finding) -> Option<&Evidence> {
    let mut placed = finding.evidence.iter().filter(|e| !e.path.is_empty());
    placed
        .clone()
        .rev()
        .find(|e| e.role == EvidenceRole::Sink)
        .or_else(|| placed.clone().find(|e| e.role != EvidenceRole::Trigger))
        .or_else(|| placed.next())
}

/// Evidence that stands in no file.
fn statements(finding: &Finding) -> impl Iterator<Item = &str> {
    finding
        .evidence
        .iter()
        .filter(|e| e.path.is_empty() && !e.note.is_empty() && e.note != finding.message)
        .map(|e| &*e.note)
}

/// The steps of a chain, in their order.
fn code_flow(release: &ReleaseReport, finding: &Finding) -> Option<CodeFlow> {
    let steps: Vec<ThreadFlowLocation> = finding
        .evidence
        .iter()
        .filter(|e| !e.path.is_empty())
        .filter_map(|evidence| {
            let kinds = match evidence.role {
                EvidenceRole::Source => vec!["acquire", "taint"],
                EvidenceRole::Transform => vec!["taint"],
                EvidenceRole::Sink => vec!["danger", "taint"],
                EvidenceRole::Trigger | EvidenceRole::Site => return None,
            };
            Some(ThreadFlowLocation {
                location: location::of_evidence(release, evidence),
                kinds,
            })
        })
        .collect();
    (steps.len() > 1).then(|| CodeFlow {
        thread_flows: vec![ThreadFlow { locations: steps }],
    })
}

/// Survives new versions, other lines and other indentation: no version, no line number, no white space.
fn fingerprint(release: &ReleaseReport, finding: &Finding) -> String {
    let mut hasher = Sha256::new();
    let mut add = |text: &str| {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    };
    add(&finding.rule);
    add(release.ecosystem.map_or("", |e| e.id()));
    add(&release.name);
    for evidence in finding.evidence.iter().filter(|e| !e.path.is_empty()) {
        add(&unversioned(&evidence.path, release));
        let code: String = evidence.snippet.split_whitespace().collect();
        add(&code);
    }
    hex::encode(hasher.finalize())
}

/// A path without the release's version: sdists and egg-infos carry it in a folder's name.
fn unversioned(path: &str, release: &ReleaseReport) -> String {
    match release.version.as_deref() {
        Some(version) if !version.is_empty() => path.replace(version, "*"),
        _ => path.to_owned(),
    }
}
