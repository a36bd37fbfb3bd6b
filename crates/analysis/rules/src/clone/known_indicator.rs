//! # An indicator of an attack
//!
//! ## What it finds
//! A string constant, as it stands or decoded, with a host, URL or address that an imported feed lists. Hosts match
//! exactly: neither their subdomains nor their parents do.
//!
//! ## Why it matters
//! Command servers, drop zones and download hosts outlive the packages that use them.
//!
//! ## Example
//! `https://collect.evil.example/c` in `setup.py`, where the feed lists the host `collect.evil.example`.
//!
//! ## What to do
//! Do not install. Look for the same host in the logs of your proxy and resolver.
//!
//! ## When it is wrong
//! Scanners and block lists carry such hosts as data. Feeds list hosts that many people use (chat services, code
//! hosts): take those out with `foretaste known remove HOST`.
use foretaste_engine::prelude::*;
use foretaste_model::KnownMatchKind;

use super::{matches, placed};

declare_rule! {
    KnownIndicator,
    id: "known-indicator",
    title: "names a host or address of a known attack",
    group: Clone,
    severity: Critical,
    confidence: Certain,
    needs: [KnownPackages],
    tags: ["T1071", "T1195.002"],
    since: "0.1.0",
}

impl ReleaseRule for KnownIndicator {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for known in matches(scene) {
            let KnownMatchKind::Indicator {
                value,
                note,
                malware,
            } = &known.kind
            else {
                continue;
            };
            if value.len() == 64 && !value.contains('.') {
                continue;
            }
            let mut finding = self.finding(format!("names {value}, which {} lists", known.source));
            if !malware {
                finding = finding
                    .severity(Severity::Medium)
                    .confidence(Confidence::High);
            }
            let note = if note.is_empty() { "listed" } else { note };
            let placed = placed(finding, known, scene, note);
            // the feed already says what it is for, wherever it stands
            findings.push(match (malware, placed.context) {
                (true, Some(ExecutionContext::Test | ExecutionContext::Asset) | None) => placed,
                (true, Some(_)) => placed.context(ExecutionContext::Import),
                _ => placed,
            });
        }
        findings
    }
}
