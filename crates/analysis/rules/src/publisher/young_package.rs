//! # The package itself is new
//!
//! ## What it finds
//! The first release of the package is less than `days` days old.
//!
//! ## Why it matters
//! Squats and throw-away malware are published by new accounts under new names and removed within weeks.
//!
//! ## Example
//! `plain-crypto-js` was 18 hours old when axios 1.14.1 began to depend on it.
//!
//! ## What to do
//! Ask who asked for it. A week of waiting costs little.
//!
//! ## When it is wrong
//! Every package is new once.
use foretaste_engine::prelude::*;
use foretaste_model::words::counted;

declare_rule! {
    YoungPackage,
    id: "young-package",
    title: "first appeared very recently",
    group: Publisher,
    severity: Low,
    confidence: High,
    needs: [ReleaseTimes],
    tags: [],
    options: [{ "days", 30.0, "days", "packages whose first release is younger are reported" }],
    since: "0.1.0",
}

impl ReleaseRule for YoungPackage {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let history = scene.record().map_or(&[][..], |r| &r.history[..]);
        let Some(first) = history.iter().filter_map(|h| h.published).min() else {
            return Vec::new();
        };
        let limit = scene.option(self.meta(), "days");
        if scene.clock.days_passed(first, limit) {
            return Vec::new();
        }
        let days = scene.clock.days_since(first);
        vec![
            self.finding(format!(
                "the package first appeared {} ago",
                counted(days.max(0), "day")
            ))
            .evidence(Evidence::statement(format!("first release {first}"))),
        ]
    }
}
