//! # A dormant package came back to life
//!
//! ## What it finds
//! A recent release follows the previous one after more than `gap-days` days of silence.
//!
//! ## Why it matters
//! Hijackers love forgotten packages: nobody watches, many still depend. The expired e-mail domain of a dormant
//! maintainer is the classic way in (`ctx`, PyPI, 2022, eight years dormant).
//!
//! ## Example
//! No release since 2014, then three within a day.
//!
//! ## What to do
//! Read the difference to the previous release, and whether publisher and repository are still the same.
//!
//! ## When it is wrong
//! Maintainers do come back, and compatibility releases of finished libraries are rare by nature.
use foretaste_engine::prelude::*;

declare_rule! {
    AwakenedPackage,
    id: "awakened-package",
    title: "was dormant for years and came back",
    group: Publisher,
    severity: Medium,
    confidence: Low,
    needs: [ReleaseTimes],
    tags: ["T1195.001"],
    options: [
        { "gap-days", 730.0, "days", "silence before the release" },
        { "recent-days", 30.0, "days", "only releases younger than this are reported" },
    ],
    since: "0.1.0",
}

impl ReleaseRule for AwakenedPackage {
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
        let gap = (published.as_second() - before.as_second()).div_euclid(86_400);
        let recent = scene.option(self.meta(), "recent-days");
        if (gap as f64) < scene.option(self.meta(), "gap-days")
            || scene.clock.days_passed(published, recent)
        {
            return Vec::new();
        }
        vec![
            self.finding(format!(
                "the first release in {:.1} years",
                gap as f64 / 365.25
            ))
            .evidence(Evidence::statement(format!(
                "{} was published {before}",
                previous.version
            ))),
        ]
    }
}
