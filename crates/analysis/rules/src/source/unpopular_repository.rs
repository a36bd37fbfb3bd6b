//! # Nobody watches the repository
//!
//! ## What it finds
//! The source repository has fewer than `stars` stars and fewer than `forks` forks.
//!
//! ## Why it matters
//! Few eyes, late discovery.
//!
//! ## Example
//! 0 stars, 0 forks.
//!
//! ## What to do
//! Review it as if it were your own code.
//!
//! ## When it is wrong
//! Good small tools have few stars.
use foretaste_engine::prelude::*;

declare_rule! {
    UnpopularRepository,
    id: "unpopular-repository",
    title: "has a repository that nobody watches",
    group: Source,
    severity: Info,
    confidence: High,
    needs: [Repository],
    tags: [],
    options: [
        { "stars", 5.0, "stars", "repositories with fewer stars, and" },
        { "forks", 2.0, "forks", "fewer forks are reported" },
    ],
    since: "0.1.0",
}

impl ReleaseRule for UnpopularRepository {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(r) = scene.repository.known().filter(|r| r.exists) else {
            return Vec::new();
        };
        let few = (r.stars as f64) < scene.option(self.meta(), "stars")
            && (r.forks as f64) < scene.option(self.meta(), "forks");
        if few {
            vec![self.finding(format!(
                "its repository has {} stars and {} forks",
                r.stars, r.forks
            ))]
        } else {
            Vec::new()
        }
    }
}
