//! # It only holds a name
//!
//! ## What it finds
//! Descriptions that say the package is a placeholder, reserved, parked, or protects against typos and dependency
//! confusion.
//!
//! ## Why it matters
//! You probably meant another package. A guarded name is harmless today.
//!
//! ## Example
//! `This package is a placeholder to prevent typosquatting`
//!
//! ## What to do
//! Install the package it points to.
//!
//! ## When it is wrong
//! Never; it is only information.
use foretaste_engine::prelude::*;

declare_rule! {
    PlaceholderPackage,
    id: "placeholder-package",
    title: "only holds a name",
    group: Hygiene,
    severity: Low,
    confidence: High,
    needs: [],
    tags: [],
    since: "0.1.0",
}

/// Phrases, lower case.
const PHRASES: &[&str] = &[
    "placeholder",
    "reserved for",
    "name reserved",
    "reserving the name",
    "reserve the name",
    "name reservation",
    "parked package",
    "prevent typosquat",
    "against typosquat",
    "typo guard",
    "typo-guard",
    "typosquat protection",
    "prevent dependency confusion",
    "security holding package",
    "did you mean",
    "you probably meant",
    "defensive registration",
    "squatting prevention",
];

impl ReleaseRule for PlaceholderPackage {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let record = scene.record().and_then(|r| r.summary.as_deref());
        let manifests: Vec<&str> = scene
            .manifests()
            .filter_map(|(_, _, m)| m.summary.as_deref())
            .collect();
        let said = record.into_iter().chain(manifests).find_map(|text| {
            let lower = text.to_lowercase();
            PHRASES.iter().find(|p| lower.contains(**p)).map(|_| text)
        });
        said.map(|text| {
            self.finding("says that it only holds a name")
                .evidence(Evidence::statement(text))
        })
        .into_iter()
        .collect()
    }
}
