//! # A build writes a Python start-up file
//!
//! ## What it finds
//! Code of a package, not the package manager itself, writes a `.pth` file.
//!
//! ## Why it matters
//! What stands in it runs whenever Python starts, in every program of that environment (LiteLLM, 2026).
//!
//! ## What to do
//! Read the file: a line that begins with `import` is executed whenever Python starts.
//!
//! ## When it is wrong
//! Editable installations write one: the package manager's own writes are left out.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "start-file",
    "a build writes a Python start-up file",
    Verdict::Review,
    &["T1546.018"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let Action::Write { path } = &at.event.action else {
        return None;
    };
    let by_manager = at.process().is_some_and(words::is_package_manager);
    let is_start = path.ends_with(".pth") && !path.ends_with("distutils-precedence.pth");
    (is_start && !by_manager).then(|| path.clone())
}
