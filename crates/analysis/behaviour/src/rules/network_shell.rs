//! # Connects a shell to the network
//!
//! ## What it finds
//! A shell whose input is a socket, or a command line that makes one (`/dev/tcp/`, `nc -e`).
//!
//! ## Why it matters
//! Whoever is at the other end has the machine.
//!
//! ## What to do
//! Do not use the package; if it ran outside a run, take the machine off the network and rebuild it.
//!
//! ## When it is wrong
//! None known in installations.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "network-shell",
    "connects a shell to the network",
    Verdict::Block,
    &["T1059.004"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "ash"];
    let process = at.started()?;
    let line = process.arguments.join(" ");
    let is_shell = SHELLS.contains(&words::name(&process.program));
    let by_words = line.contains("/dev/tcp/")
        || line.contains("/dev/udp/")
        || ["nc", "ncat", "netcat"].contains(&words::name(&process.program))
            && process
                .arguments
                .iter()
                .any(|word| word == "-e" || word == "-c")
        || line.contains("socat") && line.to_ascii_lowercase().contains("exec:");
    // the same process, or the one that it was forked from, put a socket there before
    let entries = [process.parent, at.event.process];
    let by_socket = is_shell
        && at.before().any(|event| {
            matches!(event.action, Action::SocketAsStandard { .. })
                && entries.contains(&event.process)
        });
    (by_words || by_socket).then(|| words::line(process))
}
