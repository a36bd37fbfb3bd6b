//! # No README worth the name
//!
//! ## What it finds
//! The long description is missing or shorter than `characters` characters.
//!
//! ## Why it matters
//! Throw-away packages rarely document themselves.
//!
//! ## Example
//! A README of one word.
//!
//! ## What to do
//! Look at the code before you use it.
//!
//! ## When it is wrong
//! Internal helpers of a larger project.
use foretaste_engine::prelude::*;

declare_rule! {
    InsufficientReadme,
    id: "insufficient-readme",
    title: "has no README worth the name",
    group: Hygiene,
    severity: Low,
    confidence: Low,
    needs: [Code],
    tags: [],
    options: [{ "characters", 100.0, "characters", "shorter ones are reported" }],
    since: "0.1.0",
}

impl ReleaseRule for InsufficientReadme {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let wanted = scene.option(self.meta(), "characters") as u64;
        let in_record = scene
            .record()
            .and_then(|r| r.readme.known())
            .and_then(|r| r.as_deref())
            .map_or(0, |t| t.trim().len() as u64);
        let in_manifest = scene
            .manifests()
            .filter_map(|(_, _, m)| m.readme.as_deref())
            .map(|t| t.trim().len() as u64)
            .max()
            .unwrap_or(0);
        let in_files = scene
            .files()
            .filter(|f| is_readme(f.path()))
            .map(|f| f.facts.shape.bytes)
            .max()
            .unwrap_or(0);
        let longest = in_record.max(in_manifest).max(in_files);
        if longest >= wanted || scene.manifests().next().is_none() || scene.is_private() {
            return Vec::new();
        }
        let message = if longest == 0 {
            "has no README".to_owned()
        } else {
            format!("its README has only {longest} characters")
        };
        vec![self.finding(message)]
    }
}

fn is_readme(path: &str) -> bool {
    !path.contains('/') && path.to_ascii_lowercase().starts_with("readme")
}
