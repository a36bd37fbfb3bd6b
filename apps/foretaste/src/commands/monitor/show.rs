//! Prints reports of the monitor.

use std::io::Write as _;

use anyhow::{Context as _, Result};
use foretaste_io::files;
use foretaste_model::Verdict;
use foretaste_monitor::Report;
use foretaste_monitor::report::human;

use super::args::ShowOptions;
use crate::exit::Code;
use crate::printer::Printer;

/// Prints, or writes to the file that was named. What people read goes beside the command's own output.
pub(super) fn show(report: &Report, how: &ShowOptions, printer: Printer) -> Result<()> {
    let is_json = how.format == "json";
    let text = if is_json {
        foretaste_report::json::print(report)?
    } else {
        human::write(report, printer.verbose)
    };
    match &how.output {
        Some(path) => Ok(files::write_atomic(path, text.as_bytes())?),
        None if is_json => Printer::data(&text),
        None if printer.quiet && report.verdict <= Verdict::Note => Ok(()),
        None => {
            // without anybody to read there is nothing to say
            let _ = anstream::stderr().lock().write_all(text.as_bytes());
            Ok(())
        }
    }
}

/// The exit code of a watch, by the verdicts of its findings. They win over everything if one reaches the threshold; what a
/// command that failed ended with is passed on; what was not seen whole is never a pass.
///
/// # Errors
/// The threshold is no verdict.
pub(super) fn code(
    how: &ShowOptions,
    found: impl IntoIterator<Item = Verdict>,
    is_whole: bool,
    ended: u8,
) -> Result<Code> {
    let threshold = crate::cli::verdict(&how.fail_on).context("no such verdict")?;
    let is_found = found.into_iter().any(|verdict| verdict >= threshold);
    Ok(match (is_found, ended, is_whole) {
        (true, ..) => Code::Findings,
        (false, 0, false) => Code::Incomplete,
        (false, 0, true) => Code::Clear,
        (false, ended, _) => Code::OfCommand(ended),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_seen_whole_is_no_pass() {
        let how = ShowOptions {
            format: "human".to_owned(),
            output: None,
            fail_on: "review".to_owned(),
        };
        let code = |found: &[Verdict], is_whole, ended| {
            code(&how, found.iter().copied(), is_whole, ended).expect("a threshold")
        };
        assert_eq!(code(&[], true, 0), Code::Clear);
        assert_eq!(code(&[Verdict::Note], false, 0), Code::Incomplete);
        assert_eq!(code(&[Verdict::Review], false, 0), Code::Findings);
        assert_eq!(code(&[Verdict::Block], true, 7), Code::Findings);
        assert_eq!(code(&[Verdict::Note], false, 7), Code::OfCommand(7));
        assert_eq!(code(&[], true, 7), Code::OfCommand(7));
    }
}
