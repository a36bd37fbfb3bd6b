//! Imports, databases and the audit protocols, on records as the databases publish them.

mod database;
mod npm;
mod oracle;
mod support;
