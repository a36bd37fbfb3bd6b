//! Formats and verdicts on the command line.

use std::path::PathBuf;

use foretaste_model::Verdict;
use foretaste_report::{Format, FormatError};

/// `FORMAT=FILE`.
pub(crate) fn also(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text
        .split_once('=')
        .filter(|(_, file)| !file.is_empty())
        .ok_or("write FORMAT=FILE")?;
    let format = format
        .parse()
        .map_err(|error: FormatError| error.to_string())?;
    Ok((format, file.into()))
}

/// The formats of a report, and `md` for those who write that.
pub(super) fn all() -> clap::builder::PossibleValuesParser {
    use clap::builder::PossibleValue;
    Format::ALL
        .map(|format| match format {
            Format::Markdown => PossibleValue::new(format.id()).alias("md"),
            other => PossibleValue::new(other.id()),
        })
        .into()
}

/// The verdict of `--fail-on`.
pub(crate) fn verdict(word: &str) -> Option<Verdict> {
    word.parse().ok()
}
