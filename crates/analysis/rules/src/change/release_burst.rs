//! # Several releases within a day
//!
//! ## What it finds
//! At least `releases` releases within 24 hours up to this one, of a package that usually takes its time.
//!
//! ## Why it matters
//! Worms and thieves publish in bursts: Shai-Hulud (npm, 2025), TanStack (84 versions in six minutes, May 2026), keyv
//! (2,236 versions, August 2026). Bad releases are followed by better ones, and each is an attack.
//!
//! ## Example
//! Four releases in one hour after a year with two.
//!
//! ## What to do
//! Wait a day.
//!
//! ## When it is wrong
//! A release that is broken is repaired in a hurry; old branches are released along.
use foretaste_engine::prelude::*;
use foretaste_model::words::counted;

use jiff::Timestamp;

declare_rule! {
    ReleaseBurst,
    id: "release-burst",
    title: "is one of many releases within a day",
    group: Change,
    severity: Low,
    confidence: Low,
    needs: [ReleaseTimes],
    tags: ["T1195.002"],
    options: [
        { "releases", 3.0, "releases", "releases within 24 hours from which a burst counts" },
        { "usual-days", 3.0, "days", "packages that usually release more often than this are not reported" },
    ],
    since: "0.1.0",
}

const DAY: i64 = 86_400;

impl ReleaseRule for ReleaseBurst {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(record) = scene.record() else {
            return Vec::new();
        };
        let Some(published) = record.published() else {
            return Vec::new();
        };
        let times = record.history.iter().filter_map(|h| h.published);
        let mut times: Vec<i64> = times.map(Timestamp::as_second).collect();
        times.sort_unstable();
        let end = published.as_second();
        let start = end - DAY;
        let burst = times.iter().filter(|t| (start..=end).contains(*t)).count();
        let mut gaps: Vec<i64> = times
            .windows(2)
            .filter(|pair| pair[1] <= start)
            .map(|pair| pair[1] - pair[0])
            .collect();
        gaps.sort_unstable();
        let usual = gaps.get(gaps.len() / 2).copied().unwrap_or(0);
        let slow = (usual as f64) >= scene.option(self.meta(), "usual-days") * DAY as f64;
        if (burst as f64) < scene.option(self.meta(), "releases") || gaps.len() < 3 || !slow {
            return Vec::new();
        }
        vec![
            self.finding(format!("one of {burst} releases within a day"))
                .evidence(Evidence::statement(format!(
                    "usually {} between two releases",
                    counted(usual / DAY, "day")
                ))),
        ]
    }
}
