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

/// What the exit code says of a report alone.
pub(super) fn code(report: &Report, how: &ShowOptions) -> Result<Code> {
    let threshold = crate::cli::verdict(&how.fail_on).context("no such verdict")?;
    let found = report
        .findings
        .iter()
        .any(|finding| finding.verdict >= threshold);
    Ok(if found { Code::Findings } else { Code::Clear })
}
