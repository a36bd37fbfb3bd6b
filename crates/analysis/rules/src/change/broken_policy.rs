//! # A policy cannot be read any more
//!
//! ## What it finds
//! A policy that `foretaste run` or `foretaste monitor` could read at the commit that `--since` names, and refuse now.
//! The reasons are a key that is misspelt or unknown, a host that is none, a link that leads out of the project.
//!
//! ## Why it matters
//! The command refuses to start, so that nothing runs uncontained; but nobody can say what the policy would permit, and whoever is in a
//! hurry takes it away.
//!
//! ## Example
//! `alow = ["files.example"]`.
//!
//! ## What to do
//! Mend it; the message says where.
//!
//! ## When it is wrong
//! The policy was written for a newer version than the one that audits.
use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use super::support::policies;

declare_rule! {
    BrokenPolicy,
    id: "broken-policy",
    title: "a policy cannot be read any more",
    group: Change,
    severity: Medium,
    confidence: High,
    needs: [],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for BrokenPolicy {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        policies(
            scene,
            LapseKind::BrokenPolicy,
            "cannot be read any more by",
            |said| {
                self.finding(said)
                    .remedy("mend the policy; until then the command refuses to start")
            },
        )
        .into_iter()
        .collect()
    }
}
