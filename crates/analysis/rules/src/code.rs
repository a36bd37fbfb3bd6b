//! What several rules ask of code.

use foretaste_engine::prelude::*;
use foretaste_model::facts::UseKind;

/// True if a use starts a program or a shell.
pub(crate) fn spawns(used: &Use) -> bool {
    matches!(
        used.capability,
        Capability::ProcessShell | Capability::ProcessSpawn
    )
}

/// True if a use sends to, or fetches from, another machine when it runs.
pub(crate) fn talks(used: &Use) -> bool {
    used.kind == UseKind::Call
        && (used.capability.is_network_sink() || used.capability.is_network_source())
}

/// The constant words of a use, lower case, joined by blanks: a command line as far as it is constant.
pub(crate) fn command_line(used: &Use) -> String {
    used.constants.join(" ").to_lowercase()
}

/// The words of a command line, as a shell would split them, roughly.
pub(crate) fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '|' | '&' | '(' | ')')
    })
    .filter(|w| !w.is_empty())
}
