//! Exit codes.

use std::process::ExitCode;

use foretaste_model::Verdict;
use foretaste_model::report::Report;

/// What the process says when it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Nothing at or above the threshold.
    Clear,
    /// Findings at or above `--fail-on`.
    Findings,
    /// A usage or configuration error.
    Usage,
    /// Something could not be vetted.
    Incomplete,
    /// What a command that was run ended with.
    OfCommand(u8),
}

impl Code {
    /// The code for a report. Findings win over incompleteness.
    pub(crate) fn of(report: &Report, fail_on: Verdict) -> Self {
        let at_or_above = |r: &foretaste_model::report::ReleaseReport| {
            r.verdict >= fail_on && r.verdict != Verdict::Incomplete
        };
        if report.releases.iter().any(at_or_above) {
            Self::Findings
        } else if report.releases.iter().any(|r| !r.incomplete.is_empty()) {
            Self::Incomplete
        } else {
            Self::Clear
        }
    }
}

impl From<Code> for ExitCode {
    fn from(code: Code) -> Self {
        Self::from(match code {
            Code::Clear => 0,
            Code::Findings => 1,
            Code::Usage => 2,
            Code::Incomplete => 3,
            Code::OfCommand(code) => code,
        })
    }
}
