//! # The repository is archived
//!
//! ## What it finds
//! The host says that the source repository is archived (read-only).
//!
//! ## Why it matters
//! It gets no fixes, and a release newer than the archive came from somewhere else.
//!
//! ## Example
//! Archived in 2023, a release in 2026.
//!
//! ## What to do
//! Look for a maintained successor; ask where the release was built.
//!
//! ## When it is wrong
//! Projects move and leave the old repository archived.
use foretaste_engine::prelude::*;

use foretaste_model::metadata::ReleaseMetadata;

declare_rule! {
    ArchivedRepository,
    id: "archived-repository",
    title: "names an archived repository",
    group: Source,
    severity: Low,
    confidence: Medium,
    needs: [Repository],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for ArchivedRepository {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(r) = scene.repository.known().filter(|r| r.archived) else {
            return Vec::new();
        };
        let published = scene.record().and_then(ReleaseMetadata::published);
        let mut finding = self.finding(format!("its repository {} is archived", r.url));
        if let (Some(pushed), Some(published)) = (r.pushed, published)
            && published > pushed
        {
            finding = self
                .finding(format!(
                    "released after its repository {} was archived",
                    r.url
                ))
                .severity(Severity::Medium)
                .evidence(Evidence::statement(format!(
                    "last push {pushed}, release {published}"
                )));
        }
        vec![finding]
    }
}
