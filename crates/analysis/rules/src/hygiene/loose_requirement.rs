//! # Asks for any version
//!
//! ## What it finds
//! A requirement without a version, or with a lower bound alone, in a list that no lock settles.
//!
//! ## Why it matters
//! The next installation takes whatever was published last. A stolen account needs an hour: whoever installs in it has the bad release.
//!
//! ## Example
//! `requests` or `requests>=2` in a `requirements.txt`.
//!
//! ## What to do
//! Pin it, and let a tool write the list with hashes (`uv pip compile --generate-hashes`, `pip-compile`), or keep a lock.
//!
//! ## When it is wrong
//! A library must not pin; it declares its ranges in `pyproject.toml` or `package.json`, where only a wish for *any* version of an npm package is told.
use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use super::support::lapses;

declare_rule! {
    LooseRequirement,
    id: "loose-requirement",
    title: "asks for any version",
    group: Hygiene,
    severity: Low,
    confidence: High,
    needs: [],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for LooseRequirement {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        lapses(scene, LapseKind::Loose, |subjects| {
            self.finding(format!("asks for any version of {subjects}"))
                .remedy("pin it, or keep a lock with hashes")
        })
        .into_iter()
        .collect()
    }
}
