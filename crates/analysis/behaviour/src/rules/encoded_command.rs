//! # Runs code from an encoded argument
//!
//! ## What it finds
//! An interpreter or a shell gets code in its arguments that decodes itself, or a decoder is piped into a shell.
//!
//! ## Why it matters
//! The encoding has one purpose: that nobody reads the command.
//!
//! ## What to do
//! Decode the argument and read it.
//!
//! ## When it is wrong
//! Test suites that pass binary data; look at what it decodes to.

use super::prelude::*;

/// The rule.
pub(super) const RULE: Rule = rule(
    "encoded-command",
    "runs code from an encoded argument",
    Verdict::Review,
    &["T1027", "T1059"],
    test,
);

fn test(at: At<'_>) -> Option<String> {
    let process = at.started()?;
    let line = process.arguments.join(" ");
    let is_code = process
        .arguments
        .iter()
        .any(|word| ["-c", "-e", "--eval", "-enc", "-EncodedCommand"].contains(&word.as_str()));
    let decodes = [
        "b64decode",
        "base64 -d",
        "base64 --decode",
        "frombase64string",
        "fromhex",
        "buffer.from(",
        "atob(",
        "xxd -r",
        "openssl enc -d",
    ];
    let lower = line.to_ascii_lowercase();
    let executes = ["exec(", "eval(", "| sh", "|sh", "| bash", "|bash", "-enc"]
        .iter()
        .any(|word| lower.contains(word));
    (is_code && executes && decodes.iter().any(|word| lower.contains(word))
        || lower.contains("-encodedcommand"))
    .then(|| words::line(process))
}
