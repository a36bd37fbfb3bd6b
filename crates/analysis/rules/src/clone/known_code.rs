//! # Code of a known-bad package
//!
//! ## What it finds
//! A file, or a layer decoded from it, whose code is that of a file in the index of known-bad packages but for names,
//! strings, numbers, comments and layout; or that shares a large part of such a file's code. The finding names the
//! relative, the share, and the places.
//!
//! ## Why it matters
//! Campaigns are one program published under hundreds of names, with another address and other variable names each
//! time. What the code looks like stays, and changes with it only where somebody edited it.
//!
//! ## Example
//! 94 % of the code of `setup.py` in `acme-evil 1.0` stands in this package's `setup.py`, lines 3–41.
//!
//! ## What to do
//! Compare the two. If the shared code is the attack, treat this release as part of the campaign.
//!
//! ## When it is wrong
//! Code that good packages share too (stock `setup.py` files, vendored libraries) matches bad copies of it. Short and
//! partial matches alone ask for a review at most. Give benign examples with `foretaste known add --benign DIR`: what
//! stands in them counts for nothing.
use foretaste_engine::prelude::*;
use foretaste_model::{KnownMatch, KnownMatchKind};

use super::{matches, placed, relative};

declare_rule! {
    KnownCode,
    id: "known-code",
    title: "shares code with a known-bad package",
    group: Clone,
    severity: High,
    confidence: High,
    needs: [KnownPackages],
    tags: ["T1195.002"],
    options: [
        { "share", 0.5, "", "the part of the relative's own code from which a partial match is told" },
        { "substantial_tokens", 150.0, "tokens", "the size from which shared code is an accusation by itself" },
    ],
    since: "0.1.0",
}

impl ReleaseRule for KnownCode {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let least = scene.option(Declared::meta(self), "share");
        let substantial = scene.option(Declared::meta(self), "substantial_tokens");
        matches(scene)
            .iter()
            .filter_map(|known| {
                let finding = self.weighed(known, least, substantial)?;
                let share = (known.share * 100.0).round();
                let note = match known.kind {
                    KnownMatchKind::Shape => {
                        format!("the same code as {} there", known.relative_path)
                    }
                    _ => format!("{share} % of {} there", known.relative_path),
                };
                Some(placed(finding, known, scene, &note))
            })
            .collect()
    }
}

impl KnownCode {
    fn weighed(self, known: &KnownMatch, least: f64, substantial: f64) -> Option<Finding> {
        let whose = relative(known);
        let is_large = f64::from(known.tokens) >= substantial && known.culprit;
        match known.kind {
            KnownMatchKind::Shape => {
                let finding = self.finding(format!(
                    "has the code of {whose}, but for names and constants"
                ));
                Some(match (is_large, known.culprit) {
                    (true, _) => finding.severity(Severity::Critical),
                    (false, true) => finding,
                    (false, false) => finding
                        .severity(Severity::Medium)
                        .confidence(Confidence::Medium),
                })
            }
            KnownMatchKind::Code if f64::from(known.share) >= least => {
                let share = (known.share * 100.0).round();
                let finding =
                    self.finding(format!("has {share} % of the code of a file of {whose}"));
                Some(if is_large && known.share >= 0.8 {
                    finding.severity(Severity::Critical)
                } else if known.culprit {
                    finding.confidence(Confidence::Medium)
                } else {
                    finding
                        .severity(Severity::Medium)
                        .confidence(Confidence::Low)
                })
            }
            _ => None,
        }
    }
}
