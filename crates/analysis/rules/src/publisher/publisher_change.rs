//! # Somebody else published this release
//!
//! ## What it finds
//! The account or pipeline that published this release published none of the earlier releases whose publisher is known.
//!
//! ## Why it matters
//! Account takeover, a stolen token or a transferred package shows exactly here: event-stream (npm, 2018), axios (npm,
//! 2026).
//!
//! ## Example
//! Releases 1.0–1.9 were published by `github-actions`, 1.10 by a personal account.
//!
//! ## What to do
//! Look for an announcement of the change; compare the release with the previous one.
//!
//! ## When it is wrong
//! Projects add maintainers and move to trusted publishing. Name the new one in `trusted-publishers`.
use foretaste_engine::prelude::*;

declare_rule! {
    PublisherChange,
    id: "publisher-change",
    title: "was published by somebody new",
    group: Publisher,
    severity: Medium,
    confidence: Medium,
    needs: [Publishers],
    tags: ["T1195.002", "AV-700"],
    options: [{ "known-releases", 2.0, "releases", "earlier releases with a known publisher before a change counts" }],
    since: "0.1.0",
}

impl ReleaseRule for PublisherChange {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(record) = scene.record() else {
            return Vec::new();
        };
        let Some(this) = record.this() else {
            return Vec::new();
        };
        let Some(publisher) = this.publisher.as_deref() else {
            return Vec::new();
        };
        let position = record
            .history
            .iter()
            .position(|h| h.version == this.version)
            .unwrap_or(0);
        let earlier: Vec<&str> = record.history[..position]
            .iter()
            .filter_map(|h| h.publisher.as_deref())
            .collect();
        let trusted = scene
            .policy
            .trusted_publishers
            .iter()
            .any(|t| t == publisher);
        if trusted
            || (earlier.len() as f64) < scene.option(self.meta(), "known-releases")
            || earlier.contains(&publisher)
        {
            return Vec::new();
        }
        let last = earlier.last().copied().unwrap_or_default();
        vec![
            self.finding(format!(
                "published by {publisher}, who published none of the {} earlier releases",
                earlier.len()
            ))
            .evidence(Evidence::statement(format!(
                "the previous release was published by {last}"
            ))),
        ]
    }
}
