//! # Locks packages without hashes
//!
//! ## What it finds
//! Entries of a lock, or of a compiled list of requirements, that come from a registry and have no strong hash.
//!
//! ## Why it matters
//! A version is only a name: without a hash, an index or mirror that serves other bytes under it goes unnoticed.
//!
//! ## Example
//! A `yarn.lock` whose entries have no `integrity`, a `requirements.txt` of `pip-compile` without `--generate-hashes`.
//!
//! ## What to do
//! Let the tool write hashes, and renew the lock.
//!
//! ## When it is wrong
//! The format has no room for hashes in this place; composer's locks and Go's are not told for that reason.
use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use super::support::lapses;

declare_rule! {
    UnhashedLock,
    id: "unhashed-lock",
    title: "locks packages without hashes",
    group: Hygiene,
    severity: Low,
    confidence: High,
    needs: [],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for UnhashedLock {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        lapses(scene, LapseKind::Unhashed, |subjects| {
            self.finding(format!("locks without a hash {subjects}"))
                .remedy("let the tool write hashes into the lock")
        })
        .into_iter()
        .collect()
    }
}
