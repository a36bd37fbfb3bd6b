//! # A long gap before this release
//!
//! ## What it finds
//! More than `days` days between this release and the one published before it.
//!
//! ## Why it matters
//! Long gaps mark projects that are hardly maintained; see `awakened-package` for the dangerous form.
//!
//! ## Example
//! 1.0 in January 2024, 1.1 in October 2025.
//!
//! ## What to do
//! Nothing by itself.
//!
//! ## When it is wrong
//! Finished libraries release rarely.
use foretaste_engine::prelude::*;
use foretaste_model::words::counted;

declare_rule! {
    ReleaseGap,
    id: "release-gap",
    title: "was released after a long gap",
    group: Hygiene,
    severity: Info,
    confidence: High,
    needs: [ReleaseTimes],
    tags: [],
    options: [{ "days", 365.0, "days", "time since the release before" }],
    since: "0.1.0",
}

impl ReleaseRule for ReleaseGap {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(record) = scene.record() else {
            return Vec::new();
        };
        let (Some(published), Some(previous)) = (record.published(), record.previous()) else {
            return Vec::new();
        };
        let Some(before) = previous.published else {
            return Vec::new();
        };
        let days = (published.as_second() - before.as_second()).div_euclid(86_400);
        if (days as f64) < scene.option(self.meta(), "days") {
            return Vec::new();
        }
        vec![
            self.finding(format!(
                "released {} after {}",
                counted(days, "day"),
                previous.version
            ))
            .evidence(Evidence::statement(format!(
                "{} was published {before}",
                previous.version
            ))),
        ]
    }
}
