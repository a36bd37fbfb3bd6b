//! # No source repository is named
//!
//! ## What it finds
//! No source repository in registry or manifest.
//!
//! ## Why it matters
//! Without one, nobody can compare the artifact with its source, or see who works on it.
//!
//! ## Example
//! A package with a home page only.
//!
//! ## What to do
//! Read the artifact itself.
//!
//! ## When it is wrong
//! Projects hosted outside the well-known places name it in other fields.
use foretaste_engine::prelude::*;

declare_rule! {
    MissingRepository,
    id: "missing-repository",
    title: "names no source repository",
    group: Hygiene,
    severity: Low,
    confidence: Low,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

/// Parts of URLs that lead to source code.
const CODE_HOSTS: &[&str] = &[
    "github.com/",
    "gitlab.",
    "bitbucket.org/",
    "codeberg.org/",
    "sr.ht/",
    "git.",
    "/git/",
    "hg.",
    "launchpad.net/",
    "sourceforge.",
];

impl ReleaseRule for MissingRepository {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let is_code = |url: &str| CODE_HOSTS.iter().any(|h| url.contains(h));
        let record = scene.record();
        let named = record.is_some_and(|r| {
            r.repository.is_some()
                || r.homepage.as_deref().is_some_and(is_code)
                || r.urls.iter().any(|(_, u)| is_code(u))
        });
        let mut manifest = false;
        let in_manifest = scene.manifests().any(|(_, _, m)| {
            manifest = true;
            m.repository.is_some()
                || m.homepage.as_deref().is_some_and(is_code)
                || m.urls.iter().any(|(_, u)| is_code(u))
        });
        if named || in_manifest || !manifest || scene.is_private() {
            return Vec::new();
        }
        vec![self.finding("names no source repository")]
    }
}
