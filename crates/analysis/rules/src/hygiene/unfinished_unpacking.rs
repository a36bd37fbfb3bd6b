//! # Unpacking was cut short
//!
//! ## What it finds
//! Archives whose unpacking took longer than `limits.archive-time`.
//!
//! ## Why it matters
//! What was not read was not vetted, so the verdict is `incomplete` or worse. But how long it takes depends on the machine
//! and what else it does: it accuses nobody.
//!
//! ## Example
//! A wheel of two gigabytes on a loaded machine.
//!
//! ## What to do
//! Run the audit again, or raise the limit in `foretaste.toml`.
//!
//! ## When it is wrong
//! It does not judge. Archives made to keep a reader busy are found by their ratio and number of entries, as `hostile-archive`.
use foretaste_engine::prelude::*;
use foretaste_model::AnomalyKind;

declare_rule! {
    UnfinishedUnpacking,
    id: "unfinished-unpacking",
    title: "was not unpacked to its end",
    group: Hygiene,
    severity: Info,
    confidence: Low,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for UnfinishedUnpacking {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let of = |artifact: &foretaste_model::facts::ArtifactFacts| {
            let late = artifact
                .anomalies
                .iter()
                .find(|a| a.kind == AnomalyKind::TimeOut)?;
            let place = Evidence::file(&artifact.filename, &late.path, late.detail.clone());
            Some(
                self.finding(format!("unpacking was cut short: {}", late.detail))
                    .evidence(place),
            )
        };
        scene.artifacts.iter().filter_map(of).collect()
    }
}
