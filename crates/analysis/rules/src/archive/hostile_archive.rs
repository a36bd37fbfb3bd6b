//! # The archive itself attacks whoever unpacks it
//!
//! ## What it finds
//! Members that climb out of the folder, absolute paths, links that leave the root, device files, or sizes that are
//! meant to exhaust the machine.
//!
//! ## Why it matters
//! No packaging tool writes such archives by accident. Tools that unpack them can be made to overwrite files; several
//! scanners were (CVE-2022-23530, CVE-2026-22870).
//!
//! ## Example
//! A tar member `../../../../home/user/.bashrc`.
//!
//! ## What to do
//! Do not unpack it outside a sandbox. Report it to the registry.
//!
//! ## When it is wrong
//! Very old tools wrote absolute paths. Data packages compress extremely well.
use foretaste_engine::prelude::*;

use foretaste_model::AnomalyKind;

declare_rule! {
    HostileArchive,
    id: "hostile-archive",
    title: "attacks whoever unpacks it",
    group: Archive,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1204.002", "AV-300"],
    since: "0.1.0",
}

impl ReleaseRule for HostileArchive {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for artifact in scene.artifacts {
            for anomaly in &artifact.anomalies {
                let confidence = match anomaly.kind {
                    AnomalyKind::PathTraversal
                    | AnomalyKind::LinkEscape
                    | AnomalyKind::BombRatio
                    | AnomalyKind::OversizedHeader => Confidence::High,
                    AnomalyKind::AbsolutePath | AnomalyKind::SpecialFile | AnomalyKind::TooDeep => {
                        Confidence::Medium
                    }
                    _ => continue,
                };
                let message = format!(
                    "the archive is built to harm ({}): {}",
                    anomaly.kind.id(),
                    anomaly.detail
                );
                let evidence =
                    Evidence::file(&artifact.filename, &anomaly.path, anomaly.detail.clone());
                let mut finding = self
                    .finding(message)
                    .confidence(confidence)
                    .evidence(evidence);
                if anomaly.path.contains('!') {
                    // no installer unpacks it: a test fixture, unless code of the package does
                    finding = finding.severity(Severity::Low);
                }
                findings.push(finding);
            }
        }
        findings
    }
}
