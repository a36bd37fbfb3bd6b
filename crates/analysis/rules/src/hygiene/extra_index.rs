//! # Takes packages from several indexes at once
//!
//! ## What it finds
//! An index that pip asks beside the main one for every name (`--extra-index-url`).
//!
//! ## Why it matters
//! pip takes the highest version of all indexes: a public package with the name of an internal one and a high version wins (dependency confusion, Birsan 2021; torchtriton, 2022).
//!
//! ## Example
//! `--extra-index-url https://pkgs.example/simple` in a `requirements.txt`.
//!
//! ## What to do
//! Use one index that fronts the others (`--index-url`), or a client that binds names to indexes (uv `explicit = true`).
//!
//! ## When it is wrong
//! All names are pinned with hashes, or the extra index is a public mirror of one vendor's own builds.
use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use super::support::lapses;

declare_rule! {
    ExtraIndex,
    id: "extra-index",
    title: "takes packages from several indexes at once",
    group: Hygiene,
    severity: Medium,
    confidence: Medium,
    needs: [],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for ExtraIndex {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        lapses(scene, LapseKind::ExtraIndex, |subjects| {
            self.finding(format!(
                "asks beside the main index, for every name, {subjects}"
            ))
            .remedy("use one index, or bind each internal name to its index")
        })
        .into_iter()
        .collect()
    }
}
