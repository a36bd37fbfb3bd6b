//! # Tries to gain rights
//!
//! ## What it finds
//! `sudo` and its like run, a file becomes set-user-id, or namespaces, mounts or kernel interfaces are asked for (and refused).
//!
//! ## Why it matters
//! The way out of a job leads through more rights.
//!
//! ## What to do
//! Look what asked for the rights; what installs packages needs none.
//!
//! ## When it is wrong
//! Browsers and container tools ask for namespaces of their own.

use super::prelude::*;
use crate::sensitive::MACHINE_BEHIND;

/// The rule.
pub(super) const RULE: Rule = rule(
    "privilege",
    "tries to gain rights",
    Verdict::Review,
    &["T1548"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    match &at.event.action {
        Action::Exec => {
            let process = at.started()?;
            [
                "sudo", "su", "doas", "pkexec", "docker", "podman", "nsenter", "chroot",
            ]
            .contains(&words::name(&process.program))
            .then(|| words::line(process))
        }
        Action::Mode { path, mode } => Some(format!("{path} gets mode {mode:o}")),
        Action::Refused { call, reason }
            if !reason.contains("another process") && !call.starts_with("io_uring") =>
        {
            Some(format!("calls {call}: {reason}"))
        }
        Action::SensitiveRead { path, what }
            if what == "the container engine" || what == MACHINE_BEHIND =>
        {
            Some(format!("opens {path}"))
        }
        _ => None,
    }
}
