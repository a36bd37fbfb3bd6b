//! # Many releases were taken back
//!
//! ## What it finds
//! More than `percent` percent of the package's releases are yanked, of at least four.
//!
//! ## Why it matters
//! Yanks follow broken or compromised releases.
//!
//! ## Example
//! 7 of 10 releases yanked.
//!
//! ## What to do
//! Look at the reasons given.
//!
//! ## When it is wrong
//! Projects yank pre-releases in bulk.
use foretaste_engine::prelude::*;

declare_rule! {
    HighYankRatio,
    id: "high-yank-ratio",
    title: "took back many of its releases",
    group: Hygiene,
    severity: Low,
    confidence: Medium,
    needs: [Metadata],
    tags: [],
    options: [{ "percent", 50.0, "percent", "share of yanked releases" }],
    since: "0.1.0",
}

impl ReleaseRule for HighYankRatio {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let history = scene.record().map_or(&[][..], |r| &r.history[..]);
        let yanked = history.iter().filter(|h| h.yanked.is_some()).count();
        let share = yanked as f64 * 100.0 / history.len().max(1) as f64;
        if history.len() < 4 || share <= scene.option(self.meta(), "percent") {
            return Vec::new();
        }
        vec![self.finding(format!(
            "{yanked} of {} releases were yanked",
            history.len()
        ))]
    }
}
