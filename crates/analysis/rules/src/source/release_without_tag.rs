//! # No tag in the repository belongs to this release
//!
//! ## What it finds
//! The repository has tags for other releases, but none whose name contains this version.
//!
//! ## Why it matters
//! Hijacked releases are published past the project's own process: axios 1.14.1 and LiteLLM 1.82.8 had no tag.
//!
//! ## Example
//! Tags v1.0 … v1.9, release 1.9.1 without one.
//!
//! ## What to do
//! Look at the repository for the release's commit; compare artifact and source.
//!
//! ## When it is wrong
//! Projects forget tags, or tag after publishing.
use foretaste_engine::prelude::*;

declare_rule! {
    ReleaseWithoutTag,
    id: "release-without-tag",
    title: "has no tag in its repository",
    group: Source,
    severity: Medium,
    confidence: Low,
    needs: [Repository],
    tags: ["T1195.002"],
    options: [{ "tags", 3.0, "tags", "repositories with fewer do not tag their releases" }],
    since: "0.1.0",
}

impl ReleaseRule for ReleaseWithoutTag {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let (Some(release), Some(r)) = (scene.release, scene.repository.known()) else {
            return Vec::new();
        };
        if (r.tags.len() as f64) < scene.option(self.meta(), "tags")
            || r.tags.iter().any(|t| names(&t.name, &release.version))
        {
            return Vec::new();
        }
        // tags that stop before this release was made say nothing about it: the list is bounded and newest first
        let tagged_releases = scene.record().map_or(0, |m| {
            m.history
                .iter()
                .filter(|h| r.tags.iter().any(|t| names(&t.name, &h.version)))
                .count()
        });
        if scene.record().is_some() && tagged_releases == 0 {
            return Vec::new();
        }
        let newest = r.tags.first().map_or("", |t| &*t.name);
        vec![
            self.finding(format!("the repository has no tag for {}", release.version))
                .evidence(Evidence::statement(format!("newest tag: {newest}"))),
        ]
    }
}

/// True if a tag name ends with the version, after a separator or a `v`.
fn names(tag: &str, version: &str) -> bool {
    tag.strip_suffix(version).is_some_and(|rest| {
        rest.is_empty()
            || rest.ends_with(['v', 'V', '-', '_', '/', '@', '.'])
            || rest.ends_with(|c: char| c.is_ascii_alphabetic())
    })
}
