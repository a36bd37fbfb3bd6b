//! # Its own developers warn of it
//!
//! ## What it finds
//! The summary or README says that the package must not be used, is a proof of concept, security research or a test.
//!
//! ## Why it matters
//! Researchers and red teams label their packages; so do developers who want to keep users away from unfinished work.
//!
//! ## Example
//! `This package is for security research purposes only, do not install`.
//!
//! ## What to do
//! Believe them.
//!
//! ## When it is wrong
//! A tool *about* security research says such words of others.
use foretaste_engine::prelude::*;

declare_rule! {
    DeveloperWarning,
    id: "developer-warning",
    title: "warns of its own use",
    group: Hygiene,
    severity: Medium,
    confidence: Medium,
    needs: [],
    tags: [],
    since: "0.1.0",
}

/// Phrases, lower case, that tell users to stay away.
const PHRASES: &[&str] = &[
    "do not install",
    "do not use this package",
    "do not use in production",
    "don't use this package",
    "don't install",
    "not for production use",
    "for security research",
    "security research purposes",
    "security testing purposes",
    "bug bounty",
    "dependency confusion",
    "proof of concept package",
    "proof-of-concept package",
    "poc package",
    "this is a test package",
    "this package is malicious",
    "for educational purposes only",
    "hacked by",
];

impl ReleaseRule for DeveloperWarning {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let record = scene.record();
        let from_record = [
            record.and_then(|r| r.summary.as_deref()),
            record.and_then(|r| r.readme.known()?.as_deref()),
        ];
        let from_manifests: Vec<Option<&str>> = scene
            .manifests()
            .flat_map(|(_, _, m)| [m.summary.as_deref(), m.readme.as_deref()])
            .collect();
        let texts = from_record.into_iter().chain(from_manifests).flatten();
        let hit = texts.filter_map(|text| {
            let lower: String = text
                .chars()
                .take(4_000)
                .flat_map(char::to_lowercase)
                .collect();
            PHRASES.iter().find(|p| lower.contains(**p))
        });
        let found: std::collections::BTreeSet<&&str> = hit.collect();
        found
            .first()
            .map(|phrase| {
                self.finding(format!("its description says: “{phrase}”"))
                    .evidence(Evidence::statement(**phrase))
            })
            .into_iter()
            .collect()
    }
}
