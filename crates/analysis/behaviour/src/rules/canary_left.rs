//! # A planted secret left its place
//!
//! ## What it finds
//! A value that was planted for this run alone turns up in what was sent, in a name that was asked for, in a program's
//! arguments or in a file, plain or encoded.
//!
//! ## Why it matters
//! Nobody but the run knows the value. What carries it has read secrets and passes them on: there is no honest way to it.
//!
//! ## What to do
//! Do not use what did it, and do not apply its changes. Outside a run the same code would have sent the real secrets: treat those of every
//! machine that ran it as stolen.
//!
//! ## When it is wrong
//! A program that is told to print or to save its whole environment does it; look at which one.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "canary-left",
    "a planted secret left its place",
    Verdict::Block,
    &["T1041", "T1552"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let Action::Canary {
        canary,
        place,
        encoding,
        detail,
    } = &at.event.action
    else {
        return None;
    };
    let place = match place {
        CanaryPlace::Egress => "sent to",
        CanaryPlace::Name => "in the name",
        CanaryPlace::Argument => "in the arguments of",
        CanaryPlace::File => "written to",
    };
    Some(format!("{canary} {place} {detail} ({encoding})"))
}
