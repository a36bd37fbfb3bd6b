//! # The package looks abandoned
//!
//! ## What it finds
//! The newest release of the package is more than `days` days old.
//!
//! ## Why it matters
//! Nobody fixes vulnerabilities in abandoned packages, and their accounts and domains are the ones that get taken over.
//!
//! ## Example
//! Newest release in 2016.
//!
//! ## What to do
//! Look for a maintained successor.
//!
//! ## When it is wrong
//! Some packages are simply finished.
use foretaste_engine::prelude::*;

declare_rule! {
    AbandonedPackage,
    id: "abandoned-package",
    title: "looks abandoned",
    group: Hygiene,
    severity: Low,
    confidence: Medium,
    needs: [ReleaseTimes],
    tags: [],
    options: [{ "days", 730.0, "days", "age of the newest release" }],
    since: "0.1.0",
}

impl ReleaseRule for AbandonedPackage {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let history = scene.record().map_or(&[][..], |r| &r.history[..]);
        let Some(newest) = history.iter().filter_map(|h| h.published).max() else {
            return Vec::new();
        };
        let limit = scene.option(self.meta(), "days");
        if !scene.clock.days_passed(newest, limit) {
            return Vec::new();
        }
        let years = scene.clock.tenths_of_years_since(newest) as f64 / 10.0;
        vec![
            self.finding(format!("no release for {years:.1} years"))
                .evidence(Evidence::statement(format!("newest release {newest}"))),
        ]
    }
}
