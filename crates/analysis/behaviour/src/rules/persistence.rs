//! # Arranges to be run again
//!
//! ## What it finds
//! Something writes where it runs by itself later: shell start-up files, cron, services, git hooks, workflows, `authorized_keys`,
//! editor tasks, Python start-up files outside the place where packages are installed.
//!
//! ## Why it matters
//! An installation that ends leaves nothing behind that runs; what does is there to stay.
//!
//! ## When it is wrong
//! Tools that install git hooks on purpose (husky, pre-commit) do it in the project. Review the change.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = Rule {
    id: "persistence",
    title: "arranges to be run again",
    verdict: Verdict::Review,
    test,
};

fn test(at: At<'_>) -> Option<String> {
    let Action::Write { path } = &at.event.action else {
        return None;
    };
    let ends = [
        "/.bashrc",
        "/.bash_profile",
        "/.profile",
        "/.zshrc",
        "/.zshenv",
        "/.zprofile",
        "/.ssh/authorized_keys",
        "/.ssh/config",
        "/.vscode/tasks.json",
        "/.claude/settings.json",
        "/.gitconfig",
        "/.npmrc",
        "/.config/pip/pip.conf",
    ];
    let within = [
        "/etc/cron",
        "/var/spool/cron",
        "/.config/systemd/",
        "/etc/systemd/",
        "/.config/autostart/",
        "/etc/profile.d/",
        "/.git/hooks/",
        "/.github/workflows/",
        "/LaunchAgents/",
        "/etc/ld.so.preload",
    ];
    // pip's own, for the environment that it builds in and removes
    let is_pips = path.starts_with("/tmp/pip-build-env-");
    let starts_python =
        !is_pips && ["sitecustomize.py", "usercustomize.py"].contains(&words::name(path));
    let hook_by_git = path.contains("/.git/hooks/")
        && at
            .process()
            .is_some_and(|p| words::name(&p.program) == "git");
    (!hook_by_git
        && (starts_python
            || ends.iter().any(|end| path.ends_with(end))
            || within.iter().any(|part| path.contains(part))))
    .then(|| path.clone())
}
