//! The formats in which a run can be written down.

use std::path::PathBuf;

use foretaste_report::{Format, FormatError};

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
    let (format, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("give a format and a file: `sarif=run.sarif`")?;
    let format = match format {
        "in-toto" => RunFormat::InToto,
        other => RunFormat::Report(
            other
                .parse()
                .map_err(|error: FormatError| error.to_string())?,
        ),
    };
    Ok((format, PathBuf::from(file)))
}
