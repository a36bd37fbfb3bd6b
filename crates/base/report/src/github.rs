//! Annotations of a GitHub workflow run: one line for each finding that carries a verdict.
//!
//! <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_model::report::{ReleaseReport, Report, Subject};

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
        for (index, rule) in select::deciding(release).into_iter().enumerate() {
            let finding = rule.first;
            // the sentence is what the first one says, and when its code runs
            let _ = if index == 0 && message.starts_with(&*finding.message) {
                write!(message, " ({})", finding.rule)
            } else {
                write!(message, "\n{} ({})", finding.message, finding.rule)
            };
        }
        if let Some(moved) = select::moved(release)
            && let Some(wanted) = release.wanted_by.first()
        {
            let _ = write!(message, "\n{moved}: {}", select::way(wanted));
        }
        if let Some(advice) = select::advice(release) {
            let _ = write!(message, "\nDo this: {advice}");
        }
        let message: String = message.chars().take(LONGEST).collect();
        let _ = writeln!(
            out,
            "::{level} {}title={}::{}",
            place(release),
            property(&title),
            data(&message)
        );
    }
    out
}

/// `file=requirements.txt,line=3,` of the manifest that asks for a release, or of the project's own finding.
fn place(release: &ReleaseReport) -> String {
    let of_evidence = || {
        let shown = (release.subject == Subject::Project)
            .then(|| select::deciding(release).first().map(|r| r.first))??;
        let evidence = shown.evidence.iter().find(|e| !e.path.is_empty())?;
        let line = evidence.span.map_or(0, |span| span.line);
        Some((select::evidence_path(release, &evidence.path), line, 0))
    };
    let Some((file, line, _)) = select::place(release).or_else(of_evidence) else {
        return String::new();
    };
    if line == 0 {
        format!("file={},", property(&file))
    } else {
        format!("file={},line={line},", property(&file))
    }
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
