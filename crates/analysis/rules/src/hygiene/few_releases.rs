//! # Hardly any releases
//!
//! ## What it finds
//! The package has fewer than `releases` releases.
//!
//! ## Why it matters
//! Throw-away packages have one or two. So have young honest ones.
//!
//! ## Example
//! A single release `0.0.1`.
//!
//! ## What to do
//! Look at age, repository and author.
//!
//! ## When it is wrong
//! Small finished tools.
use foretaste_engine::prelude::*;
use foretaste_model::words::counted;

declare_rule! {
    FewReleases,
    id: "few-releases",
    title: "has hardly any releases",
    group: Hygiene,
    severity: Info,
    confidence: High,
    needs: [Metadata],
    tags: [],
    options: [{ "releases", 3.0, "releases", "packages with fewer are reported" }],
    since: "0.1.0",
}

impl ReleaseRule for FewReleases {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let count = scene.record().map_or(0, |r| r.history.len());
        if count == 0 || count as f64 >= scene.option(self.meta(), "releases") {
            return Vec::new();
        }
        vec![self.finding(format!("has only {}", counted(count, "release")))]
    }
}
