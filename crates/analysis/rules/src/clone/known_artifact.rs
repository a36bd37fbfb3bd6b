//! # The artifact or a file of it is known to be bad
//!
//! ## What it finds
//! The artifact, or a program file in it, is byte for byte one that the index of known-bad packages holds (`foretaste
//! known list`), or that a feed lists by its SHA-256.
//!
//! ## Why it matters
//! Attackers publish the same archive under many names, and again after it was removed. A digest cannot be wrong about
//! what it saw before: looking up known-bad digests is the cheapest detector, and it found all of Amalfi's clones.
//!
//! ## Example
//! `setup.py` has the SHA-256 of the `setup.py` in `acme-evil 1.0`, which was blocked last week.
//!
//! ## What to do
//! Do not install. Whatever was done about the relative applies here too.
//!
//! ## When it is wrong
//! The index holds a file that good packages have as well: tell it so with `foretaste known add --benign DIR`, or take
//! the entry out with `foretaste known remove`. A file that was only packed together with bad ones counts for less.
use foretaste_engine::prelude::*;
use foretaste_model::KnownMatchKind;

use super::{matches, placed, relative};

declare_rule! {
    KnownArtifact,
    id: "known-artifact",
    title: "contains a known-bad file",
    group: Clone,
    severity: Critical,
    confidence: Certain,
    needs: [KnownPackages],
    tags: ["T1195.002"],
    since: "0.1.0",
}

impl ReleaseRule for KnownArtifact {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for known in matches(scene) {
            let finding = match &known.kind {
                KnownMatchKind::Artifact => {
                    self.finding(format!("is the known-bad artifact {}", relative(known)))
                }
                KnownMatchKind::File => {
                    let whose = relative(known);
                    let finding =
                        self.finding(format!("contains a file of {whose}: {}", known.path));
                    if known.culprit {
                        finding
                    } else {
                        finding
                            .severity(Severity::Medium)
                            .confidence(Confidence::Medium)
                    }
                }
                KnownMatchKind::Indicator {
                    value,
                    malware,
                    note,
                } if value.len() == 64 => {
                    let finding = self.finding(format!(
                        "has a digest that {} lists{}",
                        known.source,
                        said(note)
                    ));
                    if *malware {
                        finding
                    } else {
                        finding.severity(Severity::Medium)
                    }
                }
                _ => continue,
            };
            let note = format!("known from {}", known.source);
            findings.push(placed(finding, known, scene, &note));
        }
        findings
    }
}

fn said(note: &str) -> String {
    if note.is_empty() {
        String::new()
    } else {
        format!(": {note}")
    }
}
