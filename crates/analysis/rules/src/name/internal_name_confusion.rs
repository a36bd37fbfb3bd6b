//! # The name imitates one of your internal packages
//!
//! ## What it finds
//! A public release whose name equals, or is easily confused with, a name that `foretaste.toml` lists under
//! `[names] internal`.
//!
//! ## Why it matters
//! Dependency confusion: installers that look at several indexes take the highest version, so a public `99.0` shadows
//! your own package (Birsan, 2021, 35 companies). A typo of an internal name has no honest reason to exist in public.
//!
//! ## Example
//! `acme-corp-util` on a public index, next to your internal `acme-corp-utils`.
//!
//! ## What to do
//! Use the internal package from the internal index only: one index, and owned names never looked up in public.
//!
//! ## When it is wrong
//! You publish the package yourself: add it to `trusted-publishers` or waive it.
use foretaste_engine::prelude::*;

declare_rule! {
    InternalNameConfusion,
    id: "internal-name-confusion",
    title: "imitates an internal package",
    group: Name,
    severity: Critical,
    confidence: High,
    needs: [],
    tags: ["T1195.001", "AV-509"],
    since: "0.1.0",
}

impl ReleaseRule for InternalNameConfusion {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let (Some(release), Some(record)) = (scene.release, scene.record()) else {
            return Vec::new();
        };
        let publisher = record.this().and_then(|h| h.publisher.as_deref());
        if publisher.is_some_and(|p| scene.policy.trusted_publishers.iter().any(|t| t == p)) {
            return Vec::new();
        }
        let Some(nomination) = scene.nominations.iter().find(|n| n.internal) else {
            return Vec::new();
        };
        let exact = nomination
            .target
            .replace('_', "-")
            .eq_ignore_ascii_case(&release.name.key());
        let message = if exact {
            format!(
                "{} is the name of an internal package, served by a public registry",
                release.name
            )
        } else {
            format!(
                "{} is easily confused with your internal package {}",
                release.name, nomination.target
            )
        };
        let confidence = if exact {
            Confidence::High
        } else {
            Confidence::Medium
        };
        vec![
            self.finding(message)
                .confidence(confidence)
                .evidence(Evidence::statement(format!(
                    "internal name {}",
                    nomination.target
                )))
                .remedy(format!(
                    "remove it, or if you meant the internal package: {}",
                    nomination.target
                )),
        ]
    }
}
