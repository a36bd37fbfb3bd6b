//! # The registry holds the project back
//!
//! ## What it finds
//! The registry marks the project as quarantined (PEP 792), or has put a security placeholder in its place (npm
//! `security-holder`).
//!
//! ## Why it matters
//! Registries quarantine projects that are suspected of malware while they investigate.
//!
//! ## Example
//! `"project-status": {"status": "quarantined"}` in the index's answer.
//!
//! ## What to do
//! Do not install, not even from a cache or mirror that still has the files.
//!
//! ## When it is wrong
//! Quarantine can be lifted. Ask again later.
use foretaste_engine::prelude::*;

use foretaste_model::metadata::ProjectStatus;

declare_rule! {
    QuarantinedProject,
    id: "quarantined-project",
    title: "is held back by its registry",
    group: Known,
    severity: Critical,
    confidence: High,
    needs: [Metadata],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for QuarantinedProject {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(record) = scene.record() else {
            return Vec::new();
        };
        let what = match record.status {
            ProjectStatus::Quarantined => "the registry has quarantined the project",
            ProjectStatus::SecurityHolder => {
                "the registry removed the project for security reasons and holds its name"
            }
            _ => return Vec::new(),
        };
        let reason = record.status_reason.as_deref().unwrap_or("no reason given");
        vec![self.finding(what).evidence(Evidence::statement(reason))]
    }
}
