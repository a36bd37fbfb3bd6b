//! # A dependency comes from a URL
//!
//! ## What it finds
//! A dependency whose source is an HTTP(S) URL instead of a registry.
//!
//! ## Why it matters
//! What the URL serves can differ for every victim and leaves no trace in a registry: PhantomRaven (npm, 2025) carried
//! its payload in 126 packages in exactly this way, invisible to tools that read the registry.
//!
//! ## Example
//! `"dependencies": {"ui-styles": "http://packages.example.invalid/npm/x"}`
//!
//! ## What to do
//! Refuse it; ask for a registry release.
//!
//! ## When it is wrong
//! Test-only dependencies are weighed less.
use foretaste_engine::prelude::*;

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource};

use super::support::from_elsewhere;

declare_rule! {
    UrlDependency,
    id: "url-dependency",
    title: "depends on a URL",
    group: Install,
    severity: High,
    confidence: Medium,
    needs: [],
    tags: ["T1195.001", "AV-501"],
    since: "0.1.0",
}

impl ReleaseRule for UrlDependency {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        fn source(d: &Dependency) -> Option<&str> {
            match &d.source {
                DependencySource::Url(url) => Some(&**url),
                _ => None,
            }
        }
        from_elsewhere(scene, source)
            .into_iter()
            .map(|(dependency, url, evidence)| {
                let finding = self
                    .finding(format!("depends on {} from the URL {url}", dependency.name))
                    .evidence(evidence);
                if dependency.kind == DependencyKind::Dev {
                    finding.severity(Severity::Low)
                } else if url.starts_with("http:") {
                    finding.confidence(Confidence::High)
                } else {
                    finding
                }
            })
            .collect()
    }
}
