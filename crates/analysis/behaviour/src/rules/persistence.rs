//! # Arranges to be run again
//!
//! ## What it finds
//! Something writes where it runs by itself later: shell start-up files, cron, services, git hooks, workflows, `authorized_keys`,
//! editor tasks, Python start-up files outside the place where packages are installed.
//!
//! ## Why it matters
//! An installation that ends leaves nothing behind that runs; what does is there to stay.
//!
//! ## What to do
//! Look at the change (`[d]iff`) before you apply it, or apply only a part (`--only`).
//!
//! ## When it is wrong
//! Tools that install git hooks on purpose (husky, pre-commit) do it in the project. Review the change.

use std::path::Path;

use super::prelude::*;
use crate::places;

/// The rule.
pub(super) const RULE: Rule = rule(
    "persistence",
    "arranges to be run again",
    Verdict::Review,
    &["T1546"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let Action::Write { path } = &at.event.action else {
        return None;
    };
    // start-up files of installed packages have a rule of their own
    let place = places::of(Path::new(path)).find(|place| place.id != "pth")?;
    // pip's own, for the environment that it builds in and removes
    let is_pips = place.id == "sitecustomize" && path.starts_with("/tmp/pip-build-env-");
    let is_gits = place.id.starts_with("git-")
        && at
            .process()
            .is_some_and(|process| words::name(&process.program) == "git");
    (!is_pips && !is_gits).then(|| format!("{path} ({})", place.words))
}
