//! # It can do something dangerous that it could not before
//!
//! ## What it finds
//! Code that runs at install, at interpreter start or at import uses the network, starts programs, evaluates code, reads
//! credentials or the whole environment, or makes itself at home, and nothing in the release before it did so in a context
//! as dangerous. One such gain is information; what weighs is a combination, and above all one that runs at install.
//!
//! ## Why it matters
//! A package keeps its character from release to release; a hijacker changes it. ultralytics 8.3.41 (PyPI, December 2024)
//! began to download and start a program when it was imported; LiteLLM 1.82.7 (PyPI, March 2026) began to collect
//! credentials.
//!
//! ## Example
//! 8.3.40 computes; 8.3.41 reads the environment and opens connections as soon as it is imported.
//!
//! ## What to do
//! `foretaste diff pypi:NAME OLD NEW` shows the places. Look for them in the project's own history.
//!
//! ## When it is wrong
//! Packages grow. A single new capability weighs next to nothing.
use foretaste_engine::prelude::*;

use std::collections::BTreeSet;

use super::support::{Part, list, part};

declare_rule! {
    CapabilityGained,
    id: "capability-gained",
    title: "gained a dangerous capability",
    group: Change,
    severity: Low,
    confidence: Low,
    needs: [Change],
    tags: ["T1195.002"],
    since: "0.1.0",
}

impl ReleaseRule for CapabilityGained {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        let gains: Vec<_> = change
            .capabilities
            .iter()
            .filter(|g| g.context <= ExecutionContext::Import && g.group_is_new)
            .filter_map(|g| Some((g, part(g.capability)?)))
            .collect();
        let Some(context) = gains.iter().map(|(g, _)| g.context).min() else {
            return Vec::new();
        };
        let here: Vec<_> = gains.iter().filter(|(g, _)| g.context == context).collect();
        let parts: BTreeSet<Part> = here.iter().map(|(_, part)| *part).collect();
        let names: Vec<String> = here
            .iter()
            .map(|(g, _)| g.capability.id().to_owned())
            .collect();
        let message = format!(
            "gained {} since {}, used {}",
            list(&names),
            change.from,
            context.phrase()
        );
        let dangerous = parts.contains(&Part::Network) && parts.len() > 1;
        let (severity, confidence) = match (context <= ExecutionContext::Start, dangerous) {
            (true, true) => (Severity::High, Confidence::Medium),
            (true, false) if parts != BTreeSet::from([Part::Execution]) => {
                (Severity::Medium, Confidence::Medium)
            }
            (false, true) => (Severity::Medium, Confidence::Medium),
            _ => (Severity::Low, Confidence::Low),
        };
        let mut finding = self
            .finding(message)
            .severity(severity)
            .confidence(confidence)
            .context(context);
        finding.evidence = here
            .iter()
            .take(4)
            .map(|(g, _)| g.evidence.clone())
            .collect();
        vec![finding]
    }
}
