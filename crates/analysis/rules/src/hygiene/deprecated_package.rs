//! # The package is deprecated or archived
//!
//! ## What it finds
//! The registry marks the package or release as deprecated (npm) or archived (PEP 792).
//!
//! ## Why it matters
//! It gets no fixes.
//!
//! ## Example
//! `request` on npm, deprecated since 2020.
//!
//! ## What to do
//! Move to the successor that the message names.
//!
//! ## When it is wrong
//! Never.
use foretaste_engine::prelude::*;

use foretaste_model::metadata::ProjectStatus;

declare_rule! {
    DeprecatedPackage,
    id: "deprecated-package",
    title: "is deprecated or archived",
    group: Hygiene,
    severity: Low,
    confidence: Certain,
    needs: [Metadata],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for DeprecatedPackage {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(record) = scene.record() else {
            return Vec::new();
        };
        let word = match record.status {
            ProjectStatus::Deprecated => "deprecated",
            ProjectStatus::Archived => "archived",
            _ => return Vec::new(),
        };
        let reason = record.status_reason.as_deref().unwrap_or("no reason given");
        vec![
            self.finding(format!("is {word}: {reason}"))
                .evidence(Evidence::statement(reason)),
        ]
    }
}
