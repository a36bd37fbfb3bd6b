//! # Earlier releases came with provenance, this one does not
//!
//! ## What it finds
//! The previous release carried provenance or attestations (npm provenance, PEP 740), this one carries none.
//!
//! ## Why it matters
//! A stolen token publishes from a laptop; a trusted pipeline signs where the release was built. axios 1.14.1 and the
//! second ultralytics wave were visible by exactly this difference.
//!
//! ## Example
//! 2.1.0 with attestations, 2.1.1 without.
//!
//! ## What to do
//! Ask the maintainers; prefer the last release with provenance.
//!
//! ## When it is wrong
//! Manual emergency releases happen.
use foretaste_engine::prelude::*;

declare_rule! {
    ProvenanceLost,
    id: "provenance-lost",
    title: "lost its provenance",
    group: Publisher,
    severity: High,
    confidence: Low,
    needs: [Publishers],
    tags: ["T1195.002"],
    since: "0.1.0",
}

impl ReleaseRule for ProvenanceLost {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(record) = scene.record() else {
            return Vec::new();
        };
        let Some(position) = record
            .history
            .iter()
            .position(|h| h.version == record.id.version)
        else {
            return Vec::new();
        };
        let with = record.history[..position]
            .iter()
            .rev()
            .find(|h| h.provenance.is_some());
        let (Some(before), Some(false)) = (with, record.history[position].provenance) else {
            return Vec::new();
        };
        if before.provenance != Some(true) {
            return Vec::new();
        }
        vec![
            self.finding(format!(
                "published without provenance, which {} still had",
                before.version
            ))
            .evidence(Evidence::statement(format!(
                "{} came with provenance",
                before.version
            ))),
        ]
    }
}
