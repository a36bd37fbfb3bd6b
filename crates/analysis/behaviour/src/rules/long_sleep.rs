//! # Waits for a long time
//!
//! ## What it finds
//! A process sleeps for a minute or more.
//!
//! ## Why it matters
//! Analysis ends before the sleep does.
//!
//! ## What to do
//! Trace the package (`foretaste audit --trace`), which skips sleeps, and look at what comes after.
//!
//! ## When it is wrong
//! Retries with long pauses.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "long-sleep",
    "waits for a long time",
    Verdict::Note,
    &["T1497.003"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let Action::Sleep { seconds } = at.event.action else {
        return None;
    };
    (seconds >= 60).then(|| format!("sleeps for {seconds} s"))
}
