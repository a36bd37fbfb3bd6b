//! # A policy lets more be used than it did
//!
//! ## What it finds
//! A limit of a policy of `foretaste run` that is higher than at the commit that `audit --since` names.
//! Limits (`[limits]`) are those of memory, disk, processes, processor time and time.
//!
//! ## Why it matters
//! Little: builds grow. But a miner needs time and processors, and a bomb memory; a limit that is a hundred times what it
//! was is none.
//!
//! ## Example
//! `time = 36000` where `time = 600` stood.
//!
//! ## What to do
//! Compare with what the run needs, and leave some room, not all.
//!
//! ## When it is wrong
//! The project needs it.
use foretaste_engine::LapseKind;
use foretaste_engine::prelude::*;

use super::support::policies;

declare_rule! {
    RaisedBudget,
    id: "raised-budget",
    title: "a policy lets more be used than it did",
    group: Change,
    severity: Low,
    confidence: High,
    needs: [],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for RaisedBudget {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        policies(scene, LapseKind::RaisedBudget, "now allows", |said| {
            self.finding(said).remedy("compare with what the run needs")
        })
        .into_iter()
        .collect()
    }
}
