//! # The package does not say what it is
//!
//! ## What it finds
//! Neither registry nor manifest has a one-line description.
//!
//! ## Why it matters
//! Honest packages want to be found. A third of malicious packages have no description.
//!
//! ## Example
//! `description: ""`.
//!
//! ## What to do
//! Look at the code before you use it.
//!
//! ## When it is wrong
//! Internal helpers of a larger project.
use foretaste_engine::prelude::*;

declare_rule! {
    MissingDescription,
    id: "missing-description",
    title: "has no description",
    group: Hygiene,
    severity: Low,
    confidence: Low,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for MissingDescription {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let said = |text: Option<&str>| {
            text.is_some_and(|t| t.trim().len() > 3 && !t.eq_ignore_ascii_case("unknown"))
        };
        let mut manifests = scene.manifests().peekable();
        if manifests.peek().is_none() || said(scene.record().and_then(|r| r.summary.as_deref())) {
            return Vec::new();
        }
        if manifests.any(|(_, _, m)| said(m.summary.as_deref())) || scene.is_private() {
            return Vec::new();
        }
        vec![self.finding("has no description")]
    }
}
