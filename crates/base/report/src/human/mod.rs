//! For a person at a terminal: the verdict first, then the few facts that decided it, then what to do.

mod canvas;
mod change;
mod facts;
mod finding;
mod footer;
mod palette;
mod release;
mod snippet;

use foretaste_model::Finding;
use foretaste_model::report::Report;
use jiff::Timestamp;

use crate::RuleLookup;
use canvas::Canvas;

/// How much to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// One headline for each release that is not clear, and the counts.
    Quiet,
    /// The findings that decided, with their evidence.
    #[default]
    Normal,
    /// Every finding, artifact, capability and skipped check.
    Verbose,
}

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Columns of the terminal; taken as at least [`Options::MIN_WIDTH`] and at most [`Options::MAX_WIDTH`].
    pub width: usize,
    /// Whether to write ANSI colours. Nothing is said by colour alone.
    pub color: bool,
    /// Whether to keep to ASCII, for terminals that are not UTF-8. The content is the same.
    pub ascii: bool,
    /// How much to say.
    pub detail: Detail,
    /// When the report was made, for formats that have to name a time. The report itself does not depend on it.
    pub at: Timestamp,
}

impl Options {
    /// Below this width, lines are as long as they would be at this width.
    pub const MIN_WIDTH: usize = 40;
    /// Above this width, lines are no longer than at this width.
    pub const MAX_WIDTH: usize = 200;
}

impl Default for Options {
    /// Eighty columns, no colour, Unicode, normal detail, made at the beginning of Unix time.
    fn default() -> Self {
        Self {
            width: 80,
            color: false,
            ascii: false,
            detail: Detail::Normal,
            at: Timestamp::UNIX_EPOCH,
        }
    }
}

/// Renders a report for people.
pub fn render(report: &Report, rules: RuleLookup<'_>, options: Options) -> String {
    let mut canvas = Canvas::new(options);
    release::all(&mut canvas, report, rules);
    footer::all(&mut canvas, report);
    canvas.finish()
}

/// The evidence of a finding alone, drawn without colour in this many columns; empty if there is none.
pub(crate) fn evidence(finding: &Finding, further: usize, width: usize) -> String {
    let mut canvas = Canvas::new(Options {
        width,
        ..Options::default()
    });
    finding::places(&mut canvas, finding, further, 1, "");
    canvas.finish()
}
