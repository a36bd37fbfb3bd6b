//! # The repository that the package names does not exist
//!
//! ## What it finds
//! The source repository in the metadata answers "not found" at its host.
//!
//! ## Why it matters
//! Malware borrows the look of a project with an invented or deleted repository; a free repository name can also be
//! taken over by somebody else (repository jacking).
//!
//! ## Example
//! `https://github.com/acme/gone` answers 404.
//!
//! ## What to do
//! Look for the real repository; without one, nobody can compare the artifact with its source.
//!
//! ## When it is wrong
//! Private repositories answer 404 as well.
use foretaste_engine::prelude::*;

declare_rule! {
    MissingSourceRepository,
    id: "missing-source-repository",
    title: "names a repository that does not exist",
    group: Source,
    severity: Medium,
    confidence: Medium,
    needs: [Repository],
    tags: ["AV-100"],
    since: "0.1.0",
}

impl ReleaseRule for MissingSourceRepository {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(repository) = scene.repository.known().filter(|r| !r.exists) else {
            return Vec::new();
        };
        vec![
            self.finding(format!(
                "its source repository {} does not exist",
                repository.url
            ))
            .evidence(Evidence::statement(format!(
                "{}: not found",
                repository.url
            ))),
        ]
    }
}
