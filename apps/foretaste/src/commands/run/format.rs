//! The formats in which a run can be written down.

use std::path::PathBuf;

use foretaste_report::Format;

use crate::cli;

/// A format of the report of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunFormat {
    /// One of an audit's.
    Report(Format),
    /// An in-toto statement.
    InToto,
}

/// Reads `FORMAT=FILE`.
///
/// # Errors
/// There is no such format, or no file.
pub(crate) fn also(text: &str) -> Result<(RunFormat, PathBuf), String> {
    match text.strip_prefix("in-toto=") {
        Some(file) if !file.is_empty() => Ok((RunFormat::InToto, file.into())),
        _ => cli::also(text).map(|(format, file)| (RunFormat::Report(format), file)),
    }
}
