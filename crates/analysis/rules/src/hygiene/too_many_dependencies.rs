//! # Very many direct dependencies
//!
//! ## What it finds
//! More than `count` direct run-time dependencies.
//!
//! ## Why it matters
//! Every one of them, and theirs, can attack you.
//!
//! ## Example
//! A package with 80 direct dependencies.
//!
//! ## What to do
//! Ask whether you need it.
//!
//! ## When it is wrong
//! Meta-packages exist to depend on many.
use foretaste_engine::prelude::*;

use std::collections::BTreeSet;

use foretaste_model::manifest::{Dependency, DependencyKind};

declare_rule! {
    TooManyDependencies,
    id: "too-many-dependencies",
    title: "has very many direct dependencies",
    group: Hygiene,
    severity: Low,
    confidence: High,
    needs: [],
    tags: [],
    options: [{ "count", 50.0, "dependencies", "packages with more are reported" }],
    since: "0.1.0",
}

impl ReleaseRule for TooManyDependencies {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let count = |list: &[Dependency]| {
            list.iter()
                .filter(|d| d.kind == DependencyKind::Run)
                .map(|d| &d.name)
                .collect::<BTreeSet<_>>()
                .len()
        };
        let in_record = scene
            .record()
            .and_then(|r| r.dependencies.known())
            .map_or(0, |d| count(d));
        let in_manifest = scene
            .manifests()
            .map(|(_, _, m)| count(&m.dependencies))
            .max()
            .unwrap_or(0);
        let number = in_record.max(in_manifest);
        if number as f64 <= scene.option(self.meta(), "count") {
            return Vec::new();
        }
        vec![self.finding(format!("has {number} direct dependencies"))]
    }
}
