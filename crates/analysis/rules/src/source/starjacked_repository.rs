//! # The package decorates itself with somebody else's repository
//!
//! ## What it finds
//! The named repository is popular, but does not mention this package in any manifest at its root.
//!
//! ## Why it matters
//! Registries show the stars of whatever repository a package names, unchecked: "starjacking" buys trust for free.
//!
//! ## Example
//! `pampyio` named the repository of `pampy` with its 3,500 stars.
//!
//! ## What to do
//! Check who owns the repository and which package it publishes.
//!
//! ## When it is wrong
//! Monorepos keep manifests below the root; older projects are renamed.
use foretaste_engine::prelude::*;

declare_rule! {
    StarjackedRepository,
    id: "starjacked-repository",
    title: "names a popular repository that does not know it",
    group: Source,
    severity: High,
    confidence: Medium,
    needs: [Repository],
    tags: ["AV-200"],
    options: [{ "stars", 50.0, "stars", "repositories with fewer are not worth stealing" }],
    since: "0.1.0",
}

impl ReleaseRule for StarjackedRepository {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(r) = scene
            .repository
            .known()
            .filter(|r| r.exists && r.mentions_package == Some(false))
        else {
            return Vec::new();
        };
        if (r.stars as f64) < scene.option(self.meta(), "stars") || scene.popularity_rank.is_some()
        {
            return Vec::new();
        }
        vec![
            self.finding(format!(
                "claims the repository {} ({} stars), which does not mention it",
                r.url, r.stars
            ))
            .evidence(Evidence::statement(
                "no manifest at the root of the repository names this package",
            )),
        ]
    }
}
