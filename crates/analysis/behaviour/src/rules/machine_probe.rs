//! # Looks what machine this is
//!
//! ## What it finds
//! Files are read that tell a virtual machine from a real one, or who the machine is.
//!
//! ## Why it matters
//! Malware that is being watched behaves; it looks first.
//!
//! ## What to do
//! Look at what the package does with the answer: compare runs as a developer and as a runner.
//!
//! ## When it is wrong
//! Build tools count processors; that is left out.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "machine-probe",
    "looks what machine this is",
    Verdict::Note,
    &["T1497.001"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let Action::SensitiveRead { path, what } = &at.event.action else {
        return None;
    };
    (what == "machine").then(|| path.clone())
}
