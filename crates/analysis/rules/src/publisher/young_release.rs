//! # The release is only hours or days old
//!
//! ## What it finds
//! The release was published less than `days` days ago.
//!
//! ## Why it matters
//! Most hijacked releases live for hours: chalk and debug 2 hours, axios 3 hours, LiteLLM 46 minutes. Of ten attacks
//! studied, eight would have been avoided by waiting a week.
//!
//! ## Example
//! axios 1.14.1 was taken down three hours after it was published.
//!
//! ## What to do
//! Wait, unless the release fixes a vulnerability that concerns you.
//!
//! ## When it is wrong
//! Every honest release is young once. This finding alone never stops anything.
use foretaste_engine::prelude::*;
use foretaste_model::words::counted;

use foretaste_model::metadata::ReleaseMetadata;

declare_rule! {
    YoungRelease,
    id: "young-release",
    title: "was published very recently",
    group: Publisher,
    severity: Low,
    confidence: High,
    needs: [ReleaseTimes],
    tags: [],
    options: [{ "days", 3.0, "days", "releases younger than this are reported" }],
    since: "0.1.0",
}

impl ReleaseRule for YoungRelease {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(published) = scene.record().and_then(ReleaseMetadata::published) else {
            return Vec::new();
        };
        let limit = scene.option(self.meta(), "days") * 24.0;
        if scene.clock.hours_passed(published, limit) {
            return Vec::new();
        }
        let hours = scene.clock.hours_since(published);
        let age = if hours < 48 {
            counted(hours.max(0), "hour")
        } else {
            counted(hours / 24, "day")
        };
        vec![
            self.finding(format!("released only {age} ago"))
                .evidence(Evidence::statement(format!("published {published}"))),
        ]
    }
}
