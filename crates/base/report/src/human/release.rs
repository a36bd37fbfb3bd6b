//! One release: the headline, what decided it, and what else a reader must know.

use anstyle::Style;
use foretaste_model::Verdict;
use foretaste_model::report::{ReleaseReport, Report};
use foretaste_model::words::counted;
use textwrap::core::display_width;

use super::Detail;
use super::canvas::Canvas;
use super::{facts, finding};
use crate::select;
use crate::{RuleLookup, rules};

/// Writes every release, the most worrying first.
pub(super) fn all(canvas: &mut Canvas, report: &Report, rules: RuleLookup<'_>) {
    for since in &report.since {
        let line = canvas.clean(&select::since(since));
        canvas.paragraph(0, Style::new(), &line);
    }
    if !report.since.is_empty() && !report.releases.is_empty() {
        canvas.gap();
    }
    let columns = brief_columns(canvas, report);
    let mut before = None;
    let mut releases: Vec<&ReleaseReport> = report.releases.iter().collect();
    releases.sort_by_key(|r| std::cmp::Reverse(r.verdict));
    for release in releases {
        let brief = is_brief(canvas, release);
        if before.is_some_and(|b| !(b && brief)) {
            canvas.gap();
        }
        before = Some(brief);
        if canvas.detail == Detail::Quiet {
            if release.verdict != Verdict::Clear {
                quiet(canvas, release);
            }
        } else if brief {
            clear(canvas, release, columns);
        } else {
            full(canvas, release, rules);
        }
    }
}

/// Writes the headline and the sentence, on one line if they fit.
fn quiet(canvas: &mut Canvas, release: &ReleaseReport) {
    opening(canvas, release, 0);
    let sentence = select::sentence(release).unwrap_or_default();
    let sentence = canvas.clean(&sentence);
    if sentence.is_empty() {
        canvas.end();
    } else if canvas.column() + 3 + display_width(&sentence) <= canvas.width {
        canvas.skip(3);
        canvas.plain(&sentence);
        canvas.end();
    } else {
        canvas.end();
        canvas.paragraph(2, Style::new(), &sentence);
    }
}

/// True if one line says it all.
fn is_brief(canvas: &Canvas, release: &ReleaseReport) -> bool {
    match canvas.detail {
        Detail::Quiet => true,
        Detail::Normal => {
            release.verdict == Verdict::Clear
                && release
                    .change
                    .as_deref()
                    .is_none_or(|c| release.moved.is_some() && select::gains_nothing(c))
                && release.incomplete.is_empty()
                && select::waived(release).next().is_none()
        }
        Detail::Verbose => false,
    }
}

/// How wide the names of clear releases are, so that their summaries stand in a column.
fn brief_columns(canvas: &Canvas, report: &Report) -> usize {
    let longest = report
        .releases
        .iter()
        .filter(|r| is_brief(canvas, r))
        .map(|r| display_width(&title(canvas, r)))
        .max()
        .unwrap_or(0);
    longest.min(canvas.prose * 2 / 5)
}

/// Name, version and ecosystem.
fn title(canvas: &Canvas, release: &ReleaseReport) -> String {
    let mut title = canvas.clean(&release.name);
    if let Some(version) = &release.version {
        title.push(' ');
        title.push_str(&canvas.clean(version));
    }
    let kind = select::kind(release);
    if !kind.is_empty() {
        title.push_str("  ");
        title.push_str(kind);
    }
    title
}

/// Writes mark, name, version, ecosystem and verdict, and ends the line.
fn headline(canvas: &mut Canvas, release: &ReleaseReport, score: bool) {
    opening(canvas, release, 0);
    if score {
        canvas.skip(2);
        let text = format!("score {:.2}", release.score);
        canvas.put(canvas.palette.dim(), &text);
    }
    let target = canvas.clean(&release.target);
    let known =
        target.ends_with(&*release.name) || release.purl.as_deref() == Some(&*release.target);
    let names_it = release
        .version
        .as_deref()
        .is_some_and(|v| target.ends_with(&format!("{}@{v}", release.name)));
    if !known && !names_it {
        let room = canvas.width.saturating_sub(canvas.column() + 3);
        let target = canvas.cut_start(&target, room);
        if room >= 12 {
            canvas.skip(3);
            canvas.put(canvas.palette.dim(), &target);
        }
    }
    canvas.end();
}

/// Writes mark, name, version, ecosystem and verdict; the verdict begins at `column` or later.
fn opening(canvas: &mut Canvas, release: &ReleaseReport, column: usize) {
    let style = canvas.palette.verdict(release.verdict);
    let word = match release.verdict {
        Verdict::Block => "BLOCK",
        Verdict::Review => "REVIEW",
        Verdict::Incomplete => "INCOMPLETE",
        Verdict::Note => "note",
        Verdict::Clear => "clear",
    };
    canvas.put(style, canvas.glyphs.mark(release.verdict));
    canvas.skip(1);
    let room = canvas.width.saturating_sub(6 + display_width(word));
    let version = release.version.as_deref().map(|v| canvas.clean(v));
    let version = match (&release.compared_with, &release.change) {
        (Some(before), Some(_)) => {
            let arrow = if canvas.ascii { "->" } else { "→" };
            let later = version.as_deref().unwrap_or("?");
            Some(format!("{} {arrow} {later}", canvas.clean(before)))
        }
        _ => version,
    };
    let ecosystem = select::kind(release);
    let mut beside = 0;
    if let Some(version) = &version {
        beside += 1 + display_width(version).min(room / 3);
    }
    if !ecosystem.is_empty() {
        beside += 2 + display_width(ecosystem);
    }
    let name = canvas.clean(&release.name);
    let name = canvas.cut(&name, room.saturating_sub(beside).max(8));
    canvas.put(canvas.palette.strong(), &name);
    if let Some(version) = &version {
        canvas.skip(1);
        let version = canvas.cut(version, room / 3);
        canvas.plain(&version);
    }
    if !ecosystem.is_empty() {
        canvas.skip(2);
        canvas.put(canvas.palette.dim(), ecosystem);
    }
    canvas.skip(2);
    canvas.skip_to(column);
    canvas.put(style, word);
}

/// Writes a clear release on one line, or as few as its width allows.
fn clear(canvas: &mut Canvas, release: &ReleaseReport, column: usize) {
    opening(canvas, release, column + 4);
    let mut parts = vec![select::tasted(release)];
    if !release.not_tasted.is_empty() {
        parts.push(format!(
            "{} not tasted",
            counted(release.not_tasted.len(), "artifact")
        ));
    }
    let gaps = select::gaps(release);
    if gaps > 0 {
        parts.push(format!("{} skipped", counted(gaps, "check")));
    }
    if let Some(moved) = select::moved(release) {
        parts.insert(0, canvas.clean(&moved));
    }
    if let Some(change) = &release.change {
        parts.push("nothing new that it can do".to_owned());
        parts.push(format!("{} changed", counted(change.files.len(), "file")));
    } else if let Some(version) = &release.compared_with {
        parts.push(format!("compared with {}", canvas.clean(version)));
    }
    if let Some(published) = release.published {
        parts.push(format!("released {}", published.strftime("%Y-%m-%d")));
    }
    let separator = format!(" {} ", canvas.glyphs.dot);
    let mut first = true;
    for part in parts {
        let needed = display_width(&part) + if first { 3 } else { display_width(&separator) };
        if canvas.column() + needed > canvas.width {
            canvas.end();
            canvas.skip_to(4);
        } else if first {
            canvas.skip(3);
        } else {
            canvas.put(canvas.palette.dim(), &separator);
        }
        first = false;
        canvas.put(canvas.palette.dim(), &part);
    }
    canvas.end();
}

/// Writes a release that is not clear, or everything about one.
fn full(canvas: &mut Canvas, release: &ReleaseReport, rules: RuleLookup<'_>) {
    let verbose = canvas.detail == Detail::Verbose;
    headline(canvas, release, verbose);
    let accuses = release.verdict >= Verdict::Incomplete;
    if accuses && let Some(sentence) = select::sentence(release) {
        let sentence = canvas.clean(&sentence);
        canvas.paragraph(2, canvas.palette.strong(), &sentence);
    }
    let mut moved = select::moved(release);
    for wanted in &release.wanted_by {
        let way = select::way(wanted);
        let way = match moved.take() {
            Some(moved) => format!("{moved}: {way}"),
            None => way,
        };
        let way = canvas.clean(&way);
        canvas.paragraph(2, canvas.palette.dim(), &way);
    }
    let chosen = select::deciding(release);
    let findings: Vec<finding::Shown<'_>> = if verbose {
        release
            .findings
            .iter()
            .filter(|f| f.waived.is_none())
            .map(|f| finding::Shown::new(f, 0, rules))
            .collect()
    } else {
        chosen
            .iter()
            .map(|r| finding::Shown::new(r.first, r.further, rules))
            .collect()
    };
    let facts = facts::entries(canvas, release);
    let width = canvas.label_width(
        findings
            .iter()
            .map(|f| f.label)
            .chain(facts.iter().map(|e| &*e.label)),
    );
    if accuses && !findings.is_empty() {
        canvas.gap();
    }
    // The headline has already said what the first finding says, unless it speaks of a gap.
    let speaks_of_gap = release.verdict == Verdict::Incomplete && !release.incomplete.is_empty();
    let said = chosen
        .first()
        .filter(|_| accuses && !speaks_of_gap)
        .map(|r| r.first);
    for shown in &findings {
        let repeats = said.is_some_and(|said| std::ptr::eq(said, shown.finding));
        finding::write(canvas, width, shown, repeats, accuses || verbose);
    }
    if !facts.is_empty() {
        if !findings.is_empty() && accuses {
            canvas.gap();
        }
        for fact in &facts {
            canvas.entry(width, fact);
        }
    }
    closing(canvas, release, &chosen);
}

/// What the user can do.
fn closing(canvas: &mut Canvas, release: &ReleaseReport, chosen: &[select::RuleFindings<'_>]) {
    let advice = select::advice(release);
    let strict = chosen
        .first()
        .filter(|_| release.verdict >= Verdict::Review);
    if advice.is_none() && strict.is_none() {
        return;
    }
    canvas.gap();
    let head = canvas.palette.strong();
    if let Some(advice) = advice {
        let advice = canvas.clean(advice);
        canvas.skip_to(2);
        canvas.put(head, "Do this:");
        canvas.skip(1);
        canvas.hang(4, Style::new(), &advice);
    }
    if let Some(rule) = strict {
        let command = format!("foretaste explain {}", canvas.clean(&rule.first.rule));
        canvas.skip_to(2);
        canvas.put(head, "Why so strict:");
        canvas.skip(1);
        canvas.hang(4, Style::new(), &command);
    }
}

/// The label of a finding whose rule is unknown to this version.
pub(super) const UNKNOWN: &str = "other";

/// The label of a rule.
pub(super) fn rule_label(info: Option<crate::RuleInfo>) -> &'static str {
    info.map_or(UNKNOWN, |info| rules::label(info.meta.group))
}
