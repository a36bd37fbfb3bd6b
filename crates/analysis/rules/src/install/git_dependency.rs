//! # A dependency comes from version control
//!
//! ## What it finds
//! A dependency whose source is a git (or other version control) URL, a GitHub shorthand included.
//!
//! ## Why it matters
//! Commits are mutable references unless pinned, run `prepare` scripts on install, and pass no registry: the TanStack
//! attack (npm, May 2026) came in through `github:` references to orphan commits.
//!
//! ## Example
//! `"optionalDependencies": {"setup": "github:acme/setup#1a2b3c"}`
//!
//! ## What to do
//! Ask for a registry release; at least pin the full commit hash.
//!
//! ## When it is wrong
//! Private and pre-release code is shared this way inside organisations.
use foretaste_engine::prelude::*;

use std::collections::BTreeSet;

use foretaste_model::manifest::{DependencyKind, DependencySource};

declare_rule! {
    GitDependency,
    id: "git-dependency",
    title: "depends on a version-control URL",
    group: Install,
    severity: Medium,
    confidence: Medium,
    needs: [],
    tags: ["T1195.001"],
    since: "0.1.0",
}

impl ReleaseRule for GitDependency {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let from_record = scene
            .record()
            .and_then(|r| r.dependencies.known())
            .map_or(&[][..], Vec::as_slice);
        let from_manifests: Vec<_> = scene
            .manifests()
            .flat_map(|(a, path, m)| {
                m.dependencies
                    .iter()
                    .map(move |d| (Some((&*a.filename, path)), d))
            })
            .collect();
        let mut seen = BTreeSet::new();
        let mut findings = Vec::new();
        for (place, dependency) in from_manifests
            .into_iter()
            .chain(from_record.iter().map(|d| (None, d)))
        {
            let DependencySource::Git(url) = &dependency.source else {
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
                .finding(format!("depends on {} from {url}", dependency.name))
                .evidence(evidence);
            if dependency.kind == DependencyKind::Dev {
                finding = finding.severity(Severity::Info);
            }
            findings.push(finding);
        }
        findings
    }
}
