//! # Reads files that hold secrets
//!
//! ## What it finds
//! A file is opened that holds keys, tokens, passwords, a browser's profile or a wallet. In a run there are only planted ones.
//!
//! ## Why it matters
//! Installing and building need no secrets, except those for the registry, which the run does not hold.
//!
//! ## What to do
//! Look which program read which file, and whether the same process tree reached for the network. Where a tool needs the file, give it the
//! secret in a step of its own.
//!
//! ## When it is wrong
//! git reads `.git-credentials`, pip reads `.netrc`, yarn reads `.env.yarn`, and cargo reads its own credentials: each by itself is
//! known and left out.

use super::prelude::*;
use crate::sensitive::MACHINE_BEHIND;

/// The rule.
pub(super) const RULE: Rule = rule(
    "credential-read",
    "reads files that hold secrets",
    Verdict::Review,
    &["T1552.001"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let Action::SensitiveRead { path, what } = &at.event.action else {
        return None;
    };
    let reader = at
        .process()
        .map_or("", |process| words::name(&process.program));
    let is_own = path.ends_with(".netrc")
        || path.ends_with(".pypirc") && reader.starts_with("twine")
        || path.contains("/.cargo/credentials")
            && (reader == "cargo" || reader.starts_with("rustup"))
        || (path.ends_with(".git-credentials") || path.contains("/.ssh/"))
            && (reader.starts_with("git") || reader.starts_with("ssh"))
        || path.contains("/.docker/") && reader == "docker"
        // with which it begins, whether it is there or not
        || path.ends_with("/.env.yarn")
            && at
                .process()
                .is_some_and(|process| process.arguments.iter().take(2).any(|word| is_yarn(word)));
    (!is_own && what != "machine" && what != MACHINE_BEHIND).then(|| format!("{path} ({what})"))
}

/// `yarn`, `/usr/bin/yarn`, `.yarn/releases/yarn-4.1.0.cjs`
fn is_yarn(word: &str) -> bool {
    let name = words::name(word);
    name == "yarn" || name.starts_with("yarn-") || name.starts_with("yarn.")
}
