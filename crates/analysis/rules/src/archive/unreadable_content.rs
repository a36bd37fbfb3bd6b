//! # Part of the content could not be vetted
//!
//! ## What it finds
//! Encrypted members, broken or truncated archives, unknown compression methods, or content beyond the limits.
//!
//! ## Why it matters
//! What nobody can read, nobody can vet; encryption in a package exists for no other reason. The verdict is never
//! `clear`.
//!
//! ## Example
//! A zip member with the encryption flag, the password in `setup.py`.
//!
//! ## What to do
//! Ask the publisher; raise the limits in `foretaste.toml` if the package is honestly large.
//!
//! ## When it is wrong
//! Tests of programs that unpack archives hold broken and encrypted ones; those weigh less. Broken downloads: try again. Unpacking that took too long is `unfinished-unpacking`.
use foretaste_engine::is_test_path;
use foretaste_engine::prelude::*;

use foretaste_model::AnomalyKind;

declare_rule! {
    UnreadableContent,
    id: "unreadable-content",
    title: "holds content that could not be vetted",
    group: Archive,
    severity: Medium,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027"],
    since: "0.1.0",
}

impl ReleaseRule for UnreadableContent {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for artifact in scene.artifacts {
            for anomaly in artifact
                .anomalies
                .iter()
                // time that ran out says something about this machine, not about the package
                .filter(|a| a.kind.leaves_content_unread() && a.kind != AnomalyKind::TimeOut)
            {
                let mut finding = self
                    .finding(format!(
                        "could not be read in full ({}): {}",
                        anomaly.kind.id(),
                        anomaly.detail
                    ))
                    .evidence(Evidence::file(
                        &artifact.filename,
                        &anomaly.path,
                        anomaly.detail.clone(),
                    ));
                if !anomaly.path.is_empty() && is_test_path(&anomaly.path) {
                    // tests of what unpacks archives hold broken and encrypted ones
                    finding = finding.confidence(Confidence::Low);
                } else if anomaly.kind == AnomalyKind::Encrypted {
                    finding = finding.severity(Severity::High);
                }
                findings.push(finding);
            }
        }
        findings
    }
}
