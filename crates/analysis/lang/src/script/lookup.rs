//! From a command to what the table knows of it.

use foretaste_model::Capability;
use foretaste_observe::table::Entry;

use super::engine::InnerLanguage;
use super::tables::COMMANDS;
use super::{Command, Word};

/// The entry for a command: with its first options or subcommand, or by its name alone.
pub(super) fn lookup(name: &str, command: &Command) -> Option<&'static Entry> {
    if name.is_empty() || name.len() > 40 {
        return None;
    }
    let arguments = || command.words.iter().skip(1).take(6);
    let unpacks = |w: &Word| {
        let flags = w.text.strip_prefix('-').unwrap_or(&w.text);
        !w.text.starts_with("--")
            && flags.len() <= 8
            && flags.contains('x')
            && flags.bytes().all(|b| b.is_ascii_alphabetic())
            || w.text == "--extract"
    };
    if name == "tar" && command.words.get(1).is_some_and(unpacks) {
        return COMMANDS.get("tar -x");
    }
    if (name == "gzip" || name == "bzip2" || name == "xz" || name == "zstd")
        && arguments().any(|w| w.text.starts_with('-') && w.text.contains('d'))
    {
        return COMMANDS.get("gunzip");
    }
    // `python -m pip install` is `pip install`
    if program_is_python(name) && command.words.get(1).is_some_and(|w| w.text == "-m") {
        let module = command.words.get(2).map_or("", |w| w.text.as_str());
        let rest = Command {
            words: command.words.get(2..).unwrap_or(&[]).to_vec(),
            ..Command::default()
        };
        if matches!(module, "pip" | "twine") {
            return lookup(module, &rest);
        }
        if module == "http.server" {
            return COMMANDS.get("httpd");
        }
    }
    arguments()
        .filter(|w| !w.text.is_empty() && w.text.len() < 40)
        .find_map(|w| COMMANDS.get(&format!("{name} {}", w.text)))
        .or_else(|| COMMANDS.get(name))
}

/// What the output of a command line tells about the machine or its user, by its first word.
pub(crate) fn told_by_command(line: &str) -> Option<Capability> {
    let first = line.split_whitespace().next()?;
    let name = first.rsplit('/').next().unwrap_or(first);
    let capability = COMMANDS.get(name)?.capability()?;
    matches!(
        capability,
        Capability::HostInfo
            | Capability::UserInfo
            | Capability::EnvironmentReadAll
            | Capability::ProcessList
            | Capability::HostLocation
            | Capability::CredentialToken
            | Capability::CredentialStore
    )
    .then_some(capability)
}

pub(super) fn program_is_python(name: &str) -> bool {
    matches!(name, "py" | "pypy" | "pypy3") || name.starts_with("python")
}

/// The language that an interpreter runs; `Some(None)` for one without an observer here.
#[expect(
    clippy::option_option,
    reason = "no interpreter, an interpreter of an unknown language, of a known one"
)]
pub(super) fn interpreter(name: &str) -> Option<Option<InnerLanguage>> {
    Some(match name {
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "ash" | "rbash" | "fish" | "csh" | "tcsh"
        | "cmd" => Some(InnerLanguage::Shell),
        "powershell" | "pwsh" => Some(InnerLanguage::PowerShell),
        "node" | "nodejs" | "bun" | "deno" => Some(InnerLanguage::JavaScript),
        "perl" | "ruby" | "php" | "lua" | "osascript" | "wscript" | "cscript" | "mshta"
        | "tclsh" => None,
        name if program_is_python(name) => Some(InnerLanguage::Python),
        _ => return None,
    })
}
