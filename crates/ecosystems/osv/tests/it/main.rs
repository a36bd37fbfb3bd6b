//! Imports, databases and the audit protocols, on records as the databases publish them.
#![expect(clippy::print_stderr, reason = "tests say what they skip")]

mod database;
mod npm;
mod oracle;
mod support;
