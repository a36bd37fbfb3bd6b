//! # Runs a program that is in no file
//!
//! ## What it finds
//! A program is started from a file in memory, or through a descriptor.
//!
//! ## Why it matters
//! It leaves nothing on the disk that a scanner could find.
//!
//! ## What to do
//! Do not use the package.
//!
//! ## When it is wrong
//! Container tools start themselves so; they have no place in a run.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "memory-program",
    "runs a program that is in no file",
    Verdict::Block,
    &["T1620"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let process = at.started()?;
    let path = &process.program;
    let by_descriptor = path.starts_with("/proc/") && path.contains("/fd/")
        || path.starts_with("/dev/fd/")
        || path.contains("memfd:");
    let made = at.before().any(|event| event.action == Action::MemoryFile);
    (by_descriptor && made).then(|| words::line(process))
}
