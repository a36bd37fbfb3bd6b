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

use std::collections::BTreeSet;

use foretaste_model::manifest::{DependencyKind, DependencySource};

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
        let from_record = scene
            .record()
            .and_then(|r| r.dependencies.known())
            .map_or(&[][..], Vec::as_slice);
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        let from_manifests: Vec<_> = scene
            .manifests()
            .flat_map(|(a, path, m)| {
                m.dependencies
                    .iter()
                    .map(move |d| (Some((&*a.filename, path)), d))
            })
            .collect();
        for (place, dependency) in from_manifests
            .into_iter()
            .chain(from_record.iter().map(|d| (None, d)))
        {
            let DependencySource::Url(url) = &dependency.source else {
                continue;
            };
            if !seen.insert((dependency.name.clone(), url.clone())) {
                continue;
            }
            let (artifact, path) = place.unwrap_or(("", ""));
            let mut evidence =
                Evidence::file(artifact, path, format!("{} = {url}", dependency.name));
            evidence.span = dependency.span;
            let mut finding = self
                .finding(format!("depends on {} from the URL {url}", dependency.name))
                .evidence(evidence);
            if dependency.kind == DependencyKind::Dev {
                finding = finding.severity(Severity::Low);
            } else if url.starts_with("http:") {
                finding = finding.confidence(Confidence::High);
            }
            findings.push(finding);
        }
        findings
    }
}
