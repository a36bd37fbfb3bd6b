//! # Searches for secrets with a scanner
//!
//! ## What it finds
//! A tool that finds secrets in files runs.
//!
//! ## Why it matters
//! Shai-Hulud brought one along to find what it could steal.
//!
//! ## What to do
//! Do not use the package.
//!
//! ## When it is wrong
//! A pre-commit hook of the project: run it outside.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "secret-scanner",
    "searches for secrets with a scanner",
    Verdict::Block,
    &["T1552.001"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let process = at.started()?;
    let name = words::name(&process.program);
    [
        "trufflehog",
        "gitleaks",
        "detect-secrets",
        "noseyparker",
        "ggshield",
    ]
    .contains(&name)
    .then(|| words::line(process))
}
