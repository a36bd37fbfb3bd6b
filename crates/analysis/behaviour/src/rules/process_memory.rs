//! # Looks into other processes
//!
//! ## What it finds
//! `/proc/PID/mem` or `/proc/PID/environ` of another process is opened, or `ptrace` and its like are called (and refused).
//!
//! ## Why it matters
//! The runner of a CI job keeps its secrets in memory; tj-actions (2025) and later worms read them there.
//!
//! ## What to do
//! Do not use the package; if it ran in a job, replace every secret that the job had.
//!
//! ## When it is wrong
//! Debuggers and profilers do it: they have no place in an installation.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "process-memory",
    "looks into other processes",
    Verdict::Block,
    &["T1003.007"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    match &at.event.action {
        Action::Refused { call, reason } if reason.contains("another process") => {
            Some(format!("calls {call}"))
        }
        Action::SensitiveRead { path, what } if what == "memory of processes" => {
            Some(format!("opens {path}"))
        }
        _ => None,
    }
}
