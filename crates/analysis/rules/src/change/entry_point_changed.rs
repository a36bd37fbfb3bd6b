//! # A command starts something else than before
//!
//! ## What it finds
//! A console script, `bin` or plug-in that is new or points to other code than in the release before it.
//!
//! ## Why it matters
//! It is a quiet way to have new code run: by the user's own hand, or by every `pytest` that finds a plug-in.
//!
//! ## Example
//! `pytest11 = x.plugin` appears; each test run of the machine now loads it.
//!
//! ## What to do
//! Read the code that it starts.
//!
//! ## When it is wrong
//! New commands are what new releases are made for: this is information only.
use foretaste_engine::prelude::*;

declare_rule! {
    EntryPointChanged,
    id: "entry-point-changed",
    title: "has a new or changed entry point",
    group: Change,
    severity: Info,
    confidence: High,
    needs: [Change],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for EntryPointChanged {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        let findings = change.entry_points.iter().map(|entry| {
            let message = match &entry.before {
                Some(before) => format!(
                    "{} starts {} now, and started {before} before",
                    entry.name, entry.command
                ),
                None => format!("{} is new and starts {}", entry.name, entry.command),
            };
            let finding = self.finding(message).evidence(entry.evidence.clone());
            if entry.kind == SurfaceKind::Plugin {
                finding.severity(Severity::Low).confidence(Confidence::Low)
            } else {
                finding
            }
        });
        findings.take(5).collect()
    }
}
