//! # Tools disagree about what is in the archive
//!
//! ## What it finds
//! Duplicate names, a central directory that disagrees with the members' own headers, data before or after the archive,
//! names that differ only in case or Unicode form, wrong checksums.
//!
//! ## Why it matters
//! What a scanner sees and what an installer installs can then be two different things: that is the point of building
//! such an archive.
//!
//! ## Example
//! Two members named `pkg/__init__.py`; pip installs the last, many scanners read the first.
//!
//! ## What to do
//! Ask the publisher for a clean build; do not install.
//!
//! ## When it is wrong
//! Self-extracting archives and some broken build tools.
use foretaste_engine::prelude::*;

use foretaste_model::AnomalyKind;

declare_rule! {
    AmbiguousArchive,
    id: "ambiguous-archive",
    title: "is read differently by different tools",
    group: Archive,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027", "AV-300"],
    since: "0.1.0",
}

impl ReleaseRule for AmbiguousArchive {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for artifact in scene.artifacts {
            for anomaly in &artifact.anomalies {
                let (severity, confidence) = match anomaly.kind {
                    AnomalyKind::HeaderMismatch => (Severity::High, Confidence::High),
                    AnomalyKind::DuplicateName | AnomalyKind::ChecksumMismatch => {
                        (Severity::High, Confidence::Medium)
                    }
                    AnomalyKind::PrependedData | AnomalyKind::TrailingData => {
                        (Severity::Medium, Confidence::Medium)
                    }
                    AnomalyKind::NameCollision | AnomalyKind::StrangeName => {
                        (Severity::Medium, Confidence::Low)
                    }
                    AnomalyKind::MislabelledFormat => (Severity::Low, Confidence::Medium),
                    _ => continue,
                };
                // no installer unpacks a nested archive: a test fixture, unless code of the package does
                let severity = if anomaly.path.contains('!') {
                    Severity::Info
                } else {
                    severity
                };
                let message = format!(
                    "tools read this archive differently ({}): {}",
                    anomaly.kind.id(),
                    anomaly.detail
                );
                findings.push(
                    self.finding(message)
                        .severity(severity)
                        .confidence(confidence)
                        .evidence(Evidence::file(
                            &artifact.filename,
                            &anomaly.path,
                            anomaly.detail.clone(),
                        )),
                );
            }
        }
        findings
    }
}
