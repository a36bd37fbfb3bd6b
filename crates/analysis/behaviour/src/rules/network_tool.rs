//! # A package manager's child starts a download tool
//!
//! ## What it finds
//! `curl`, `wget`, `nc` and their like run below a package manager.
//!
//! ## Why it matters
//! It is how a downloader is written in one line: `curl … | sh` in a `postinstall`.
//!
//! ## What to do
//! Read the script that started it. If the download is wanted, allow the host in the policy and pin what is fetched.
//!
//! ## When it is wrong
//! Some packages fetch their native part so. Allow the host and accept the finding for that package.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "network-tool",
    "a package manager's child starts a download tool",
    Verdict::Review,
    &["T1105"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let process = at.started()?;
    let is_tool = words::DOWNLOADERS.contains(&words::name(&process.program));
    (is_tool && words::is_below_package_manager(at.record, at.event.process))
        .then(|| words::line(process))
}
