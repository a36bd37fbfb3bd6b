//! Annotations of a GitHub workflow run: one line for each finding that carries a verdict.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_model::report::{ReleaseReport, Report};

use crate::escape::visible;
use crate::select;

/// Characters of a message; the service cuts long ones itself, in the middle of a word.
const LONGEST: usize = 1_000;

/// Renders a report as workflow commands.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let mut releases: Vec<&ReleaseReport> = report.releases.iter().collect();
    // the service shows ten of a kind: the worst come first
    releases.sort_by_key(|r| std::cmp::Reverse(r.verdict));
    for release in releases {
        let level = match release.verdict {
            Verdict::Block => "error",
            Verdict::Review | Verdict::Incomplete => "warning",
            Verdict::Note => "notice",
            Verdict::Clear => continue,
        };
        let title = format!("{} {}", select::title(release), release.verdict);
        let mut message = select::sentence(release).unwrap_or_else(|| select::tasted(release));
        for rule in select::deciding(release) {
            let _ = write!(message, "\n{} ({})", rule.first.message, rule.first.rule);
        }
        if let Some(advice) = select::advice(release) {
            let _ = write!(message, "\nDo this: {advice}");
        }
        let message: String = message.chars().take(LONGEST).collect();
        let _ = writeln!(
            out,
            "::{level} title={}::{}",
            property(&title),
            data(&message)
        );
    }
    out
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The data of a command: lines are kept, what else acts is made visible.
fn data(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| visible(line).replace('%', "%25").replace('\r', "%0D"))
        .collect();
    lines.join("%0A")
}
