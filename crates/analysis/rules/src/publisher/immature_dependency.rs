//! # It depends on a very young package
//!
//! ## What it finds
//! A direct dependency whose first release is younger than `days` days.
//!
//! ## Why it matters
//! axios 1.14.1 (2026) and Mastra (2026) attacked through one new line: a dependency that had been published hours before.
//!
//! ## Example
//! `plain-crypto-js`, 18 hours old, in `dependencies`.
//!
//! ## What to do
//! Look at that dependency: is it used in the code at all?
//!
//! ## When it is wrong
//! Projects split themselves into new packages.
use foretaste_engine::prelude::*;
use foretaste_model::words::counted;

declare_rule! {
    ImmatureDependency,
    id: "immature-dependency",
    title: "depends on a very young package",
    group: Publisher,
    severity: Medium,
    confidence: Medium,
    needs: [Dependencies],
    tags: ["T1195.001"],
    options: [{ "days", 30.0, "days", "dependencies that first appeared later are reported" }],
    since: "0.1.0",
}

impl ReleaseRule for ImmatureDependency {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let records = scene.dependencies.known().map_or(&[][..], Vec::as_slice);
        let young = records.iter().filter_map(|d| {
            let first = d.history.iter().filter_map(|h| h.published).min()?;
            let limit = scene.option(self.meta(), "days") * 24.0;
            let is_young = !scene.clock.hours_passed(first, limit);
            is_young.then(|| (d, scene.clock.hours_since(first).max(0)))
        });
        young
            .map(|(d, hours)| {
                let age = if hours < 48 {
                    counted(hours, "hour")
                } else {
                    counted(hours / 24, "day")
                };
                self.finding(format!(
                    "depends on {}, which first appeared {age} ago",
                    d.id.name
                ))
                .evidence(Evidence::statement(d.id.purl()))
            })
            .collect()
    }
}
