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

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource};

use super::support::from_elsewhere;

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
        fn source(d: &Dependency) -> Option<&str> {
            match &d.source {
                DependencySource::Git(url) => Some(&**url),
                _ => None,
            }
        }
        from_elsewhere(scene, source)
            .into_iter()
            .map(|(dependency, url, evidence)| {
                let finding = self
                    .finding(format!("depends on {} from {url}", dependency.name))
                    .evidence(evidence);
                if dependency.kind == DependencyKind::Dev {
                    finding.severity(Severity::Info)
                } else {
                    finding
                }
            })
            .collect()
    }
}
