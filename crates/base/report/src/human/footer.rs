//! After the releases: what could not be checked, remarks on the policy, and the counts.

use anstyle::Style;
use foretaste_model::Verdict;
use foretaste_model::report::Report;
use foretaste_model::words::counted;

use super::Detail;
use super::canvas::{Canvas, Entry};
use super::facts::names_up_to;
use crate::select;

/// So many check names of a reason are written out; the rest is counted.
const NAMES: usize = 6;

/// Writes the footer.
pub(super) fn all(canvas: &mut Canvas, report: &Report) {
    if canvas.detail != Detail::Quiet {
        skipped(canvas, report);
        if !report.policy_notes.is_empty() {
            canvas.gap();
        }
        for note in &report.policy_notes {
            let text = canvas.clean(note);
            canvas.put(canvas.palette.verdict(Verdict::Review), "policy:");
            canvas.skip(1);
            canvas.hang(2, Style::new(), &text);
        }
    }
    if canvas.detail != Detail::Quiet || !report.releases.is_empty() {
        canvas.gap();
    }
    summary(canvas, report);
}

fn skipped(canvas: &mut Canvas, report: &Report) {
    let groups = select::skipped(report);
    let total: usize = groups.values().map(|g| g.count).sum();
    if total == 0 {
        return;
    }
    canvas.gap();
    let kinds: Vec<String> = groups
        .iter()
        .map(|(kind, group)| format!("{} {}", group.count, select::skip_phrase(*kind)))
        .collect();
    let verbose = canvas.detail == Detail::Verbose;
    let hides = !verbose && !groups.keys().any(|kind| select::is_gap(*kind));
    let affected = report
        .releases
        .iter()
        .filter(|r| !r.checks.skipped.is_empty())
        .count();
    let place = if affected > 1 {
        format!(" in {affected} releases")
    } else {
        String::new()
    };
    let text = canvas.clean(&format!(
        "{} skipped{place}: {}{}",
        counted(total, "check"),
        kinds.join(", "),
        if hides { " (names: -v)" } else { "" }
    ));
    canvas.paragraph(0, Style::new(), &text);
    let limit = if verbose { usize::MAX } else { NAMES };
    let entries: Vec<Entry> = groups
        .iter()
        // The names of what leaves no gap are noise unless asked for.
        .filter(|(kind, _)| verbose || select::is_gap(**kind))
        .flat_map(|(kind, group)| {
            group.checks.iter().map(|(detail, checks)| {
                let names: Vec<&str> = checks.iter().copied().collect();
                let names = names_up_to(&names, limit);
                Entry {
                    label: kind.id().to_owned(),
                    text: canvas.clean(&if detail.is_empty() {
                        names
                    } else {
                        format!("{names} ({detail})")
                    }),
                    right: String::new(),
                }
            })
        })
        .collect();
    let width = canvas.label_width(entries.iter().map(|e| &*e.label));
    for entry in &entries {
        canvas.entry(width, entry);
    }
}

/// `1 blocked · 1 clear · 0 not checked`.
fn summary(canvas: &mut Canvas, report: &Report) {
    let summary = report.summary;
    let parts = [
        (Verdict::Block, summary.block, "blocked", false),
        (Verdict::Review, summary.review, "to review", false),
        (Verdict::Note, summary.note, "noted", false),
        (Verdict::Clear, summary.clear, "clear", true),
        (Verdict::Incomplete, summary.incomplete, "not checked", true),
    ];
    let separator = format!(" {} ", canvas.glyphs.dot);
    let mut first = true;
    for (verdict, number, word, always) in parts {
        if number == 0 && !always {
            continue;
        }
        let text = format!("{number} {word}");
        if canvas.column() + separator.len() + text.len() > canvas.width {
            canvas.end();
        } else if !first {
            canvas.put(canvas.palette.dim(), &separator);
        }
        first = false;
        let style = if number == 0 {
            canvas.palette.dim()
        } else {
            canvas.palette.verdict(verdict)
        };
        canvas.put(style, &text);
    }
    canvas.end();
}
