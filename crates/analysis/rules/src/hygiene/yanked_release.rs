//! # This very release was taken back
//!
//! ## What it finds
//! The registry lists this release as yanked (PEP 592, cargo yank).
//!
//! ## Why it matters
//! Its maintainers do not want anybody to use it. Pins to it still install.
//!
//! ## Example
//! `yanked: "leaks credentials to logs"`.
//!
//! ## What to do
//! Move to another version; the reason says why.
//!
//! ## When it is wrong
//! Never, but the reason may not concern you.
use foretaste_engine::prelude::*;

declare_rule! {
    YankedRelease,
    id: "yanked-release",
    title: "was yanked by its maintainers",
    group: Hygiene,
    severity: Medium,
    confidence: High,
    needs: [Metadata],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for YankedRelease {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(reason) = scene
            .record()
            .and_then(|r| r.this())
            .and_then(|h| h.yanked.as_deref())
        else {
            return Vec::new();
        };
        let reason = if reason.is_empty() {
            "no reason given"
        } else {
            reason
        };
        vec![
            self.finding("its maintainers yanked this release")
                .evidence(Evidence::statement(reason)),
        ]
    }
}
