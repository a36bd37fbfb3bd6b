//! # Asks for what its lock does not hold
//!
//! ## What it finds
//! A package that a manifest asks for and the lock beside it does not name.
//!
//! ## Why it matters
//! The lock was not renewed: an installation that does not insist on it resolves the package anew, unreviewed.
//!
//! ## Example
//! `left-pad` added to `package.json`, with the old `package-lock.json`.
//!
//! ## What to do
//! Renew the lock and look at what it adds; install with `npm ci`, `uv sync --locked` or the like.
//!
//! ## When it is wrong
//! The lock replaces the package by another one that provides it.
use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use super::support::lapses;

declare_rule! {
    UnlockedRequirement,
    id: "unlocked-requirement",
    title: "asks for what its lock does not hold",
    group: Hygiene,
    severity: Low,
    confidence: Medium,
    needs: [],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for UnlockedRequirement {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        lapses(scene, LapseKind::Unlocked, |subjects| {
            self.finding(format!("its lock does not hold {subjects}"))
                .remedy("renew the lock, and install from it alone")
        })
        .into_iter()
        .collect()
    }
}
