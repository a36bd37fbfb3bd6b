//! # The named repository is a fork
//!
//! ## What it finds
//! The host says that the source repository is a fork of another one.
//!
//! ## Why it matters
//! A fork carries the history and the look of the original. Packages are published from forks to pass as the original.
//!
//! ## Example
//! `https://github.com/mallory/requests` is a fork of `psf/requests`.
//!
//! ## What to do
//! See what the fork changed, and whether the original publishes the package you want.
//!
//! ## When it is wrong
//! Honest forks continue abandoned projects.
use foretaste_engine::prelude::*;

declare_rule! {
    ForkedRepository,
    id: "forked-repository",
    title: "names a forked repository",
    group: Source,
    severity: Low,
    confidence: Medium,
    needs: [Repository],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for ForkedRepository {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(r) = scene.repository.known() else {
            return Vec::new();
        };
        let Some(original) = &r.fork_of else {
            return Vec::new();
        };
        vec![
            self.finding(format!("its repository {} is a fork of {original}", r.url))
                .evidence(Evidence::statement(original.clone())),
        ]
    }
}
