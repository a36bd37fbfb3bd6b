//! # Hardly anybody uses it
//!
//! ## What it finds
//! Fewer than `per-week` downloads a week.
//!
//! ## Why it matters
//! Many eyes find attacks early; a package without users has none.
//!
//! ## Example
//! 12 downloads last week.
//!
//! ## What to do
//! Review it as if it were your own code.
//!
//! ## When it is wrong
//! New and special packages have few users by nature.
use foretaste_engine::prelude::*;

declare_rule! {
    FewDownloads,
    id: "few-downloads",
    title: "has hardly any downloads",
    group: Hygiene,
    severity: Low,
    confidence: Medium,
    needs: [Downloads],
    tags: [],
    options: [{ "per-week", 1000.0, "downloads per week", "packages with fewer are reported" }],
    since: "0.1.0",
}

impl ReleaseRule for FewDownloads {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        // a count for all time says nothing about this week
        let Some(downloads) = scene.downloads.known().filter(|d| d.days > 0) else {
            return Vec::new();
        };
        let weekly = downloads.count as f64 * 7.0 / f64::from(downloads.days);
        if weekly >= scene.option(self.meta(), "per-week") {
            return Vec::new();
        }
        vec![self.finding(format!("about {weekly:.0} downloads a week"))]
    }
}
