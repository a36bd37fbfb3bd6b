//! # Publishes packages
//!
//! ## What it finds
//! A command that uploads a release runs: `npm publish`, `twine upload`, `cargo publish`, `gem push`, or a workflow is dispatched.
//!
//! ## Why it matters
//! Worms spread so: with the victim's token, as the victim's packages (Shai-Hulud, 2025).
//!
//! ## What to do
//! Do not use what did it; look in the registry for releases that nobody made on purpose, and revoke the token.
//!
//! ## When it is wrong
//! A release script that is run on purpose: run it outside.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "publish",
    "publishes packages",
    Verdict::Block,
    &["T1195.002"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    const CALLS: &[(&str, &[&str])] = &[
        ("npm", &["publish", "token"]),
        ("pnpm", &["publish"]),
        ("yarn", &["publish"]),
        ("twine", &["upload"]),
        ("cargo", &["publish", "yank", "owner"]),
        ("gem", &["push"]),
        ("uv", &["publish"]),
        ("poetry", &["publish"]),
        ("gh", &["api", "repo", "secret", "workflow"]),
    ];
    let process = at.started()?;
    let words_: Vec<&str> = process
        .arguments
        .iter()
        .map(|word| words::name(word).trim_end_matches("-cli.js"))
        .collect();
    let is_call = words_.windows(2).take(3).any(|pair| {
        CALLS
            .iter()
            .any(|(tool, verbs)| pair[0] == *tool && verbs.contains(&pair[1]))
    });
    is_call.then(|| words::line(process))
}
