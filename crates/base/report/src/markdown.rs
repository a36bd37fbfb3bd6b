//! A comment on a pull request, in GitHub-flavoured Markdown.

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_model::report::{ReleaseReport, Report, Since};
use foretaste_model::words::counted;

use crate::escape::{cell, code_span, fence, html, prose};
use crate::select::{self, RuleFindings};
use crate::{RuleLookup, changes, human};

/// GitHub refuses comments of more than 65,536 characters; this leaves room for what callers add.
pub const MAX_BYTES: usize = 60_000;

/// What is kept free for the closing parts.
const RESERVE: usize = 2_000;

/// The most of the comment that the table may take.
const TABLE: usize = MAX_BYTES / 3;

/// Clear releases that get a row of their own.
const CLEAR_ROWS: usize = 20;

/// Removed releases that are named.
const REMOVED: usize = 10;

/// Lines of one kind of change.
const CHANGES: usize = 8;

/// Columns of the snippets.
const COLUMNS: usize = 88;

/// Renders a report as a pull-request comment of at most [`MAX_BYTES`] bytes.
pub fn render(report: &Report, rules: RuleLookup<'_>) -> String {
    let mut out = format!("### Foretaste: {}\n\n", headline(report));
    let mut releases: Vec<&ReleaseReport> = report.releases.iter().collect();
    releases.sort_by_key(|r| std::cmp::Reverse(r.verdict));
    for since in &report.since {
        let _ = write!(out, "{}\n\n", prose(&short(&select::since(since), 300)));
        removed(&mut out, since);
    }
    table(&mut out, &releases);
    let mut left_out = 0;
    for release in releases.iter().filter(|r| has_details(r)) {
        let block = details(release, rules);
        if out.len() + block.len() + RESERVE > MAX_BYTES {
            left_out += 1;
        } else {
            out.push_str(&block);
        }
    }
    if left_out > 0 {
        let _ = write!(
            out,
            "**The details of {} are left out:** this comment would be too long. Run `foretaste audit` for the \
             whole report.\n\n",
            counted(left_out, "release")
        );
    }
    closing(&mut out, report);
    out
}

/// `1 blocked · 1 clear · 0 not checked`.
fn headline(report: &Report) -> String {
    let summary = report.summary;
    [
        (summary.block, "blocked", false),
        (summary.review, "to review", false),
        (summary.note, "noted", false),
        (summary.clear, "clear", true),
        (summary.incomplete, "not checked", true),
    ]
    .iter()
    .filter(|(number, _, always)| *number > 0 || *always)
    .map(|(number, word, _)| format!("{number} {word}"))
    .collect::<Vec<_>>()
    .join(" · ")
}

/// What is gone, in one line.
fn removed(out: &mut String, since: &Since) {
    if since.removed.is_empty() {
        return;
    }
    let shown: Vec<String> = since
        .removed
        .iter()
        .take(REMOVED)
        .map(|name| code_span(&short(name, 100)))
        .collect();
    let rest = since.removed.len().saturating_sub(REMOVED);
    let rest = if rest > 0 {
        format!(" and {rest} more")
    } else {
        String::new()
    };
    let _ = write!(out, "Removed: {}{rest}\n\n", shown.join(", "));
}

const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Block => "✗",
        Verdict::Review => "!",
        Verdict::Incomplete => "?",
        Verdict::Note => "·",
        Verdict::Clear => "✓",
    }
}

fn table(out: &mut String, releases: &[&ReleaseReport]) {
    if releases.is_empty() {
        return;
    }
    out.push_str("| | package | verdict | why |\n|---|---|---|---|\n");
    let mut clear = 0;
    let mut more = 0;
    for release in releases {
        if release.verdict == Verdict::Clear {
            clear += 1;
            if clear > CLEAR_ROWS {
                more += 1;
                continue;
            }
        }
        let row = row(release);
        if out.len() + row.len() > TABLE {
            more += 1;
        } else {
            out.push_str(&row);
        }
    }
    if more > 0 {
        let _ = writeln!(out, "| | and {more} more | | |");
    }
    out.push('\n');
}

fn row(release: &ReleaseReport) -> String {
    let verdict = if release.verdict >= Verdict::Incomplete {
        format!("**{}**", release.verdict)
    } else {
        release.verdict.to_string()
    };
    let mut why = select::sentence(release)
        .map_or_else(|| select::tasted(release), |s| prose(&short(&s, 300)));
    if let Some(usage) = &release.usage {
        let _ = write!(why, "; {}", prose(&short(&usage.words(), 200)));
    }
    let skipped = select::gaps(release);
    if skipped > 0 {
        let _ = write!(why, "; {} skipped", counted(skipped, "check"));
    }
    let moved = select::moved(release);
    let mut way = moved.iter().map(|m| short(m, 100)).collect::<Vec<_>>();
    if let Some(wanted) = release
        .wanted_by
        .first()
        .filter(|_| release.verdict > Verdict::Clear || moved.is_some())
    {
        way.push(short(&select::way(wanted), 200));
    }
    if !way.is_empty() {
        let _ = write!(why, "; {}", prose(&way.join(": ")));
    }
    let ecosystem = select::kind(release);
    format!(
        "| {} | {} {ecosystem} | {verdict} | {why} |\n",
        mark(release.verdict),
        cell(&code_span(&title(release))),
        why = cell(&why),
    )
}

fn title(release: &ReleaseReport) -> String {
    let name = short(&release.name, 100);
    match &release.version {
        Some(version) => format!("{name} {}", short(version, 50)),
        None => name,
    }
}

fn has_details(release: &ReleaseReport) -> bool {
    release.verdict != Verdict::Clear
        || release
            .change
            .as_deref()
            .is_some_and(|c| release.moved.is_none() || !select::gains_nothing(c))
        || !release.incomplete.is_empty()
        || select::waived(release).next().is_some()
}

fn details(release: &ReleaseReport, rules: RuleLookup<'_>) -> String {
    let open = if release.verdict >= Verdict::Review {
        " open"
    } else {
        ""
    };
    let mut out = format!(
        "<details{open}><summary>{} <code>{}</code> {}</summary>\n\n",
        mark(release.verdict),
        html(&title(release)),
        release.verdict
    );
    let chosen = select::deciding(release);
    for rule in &chosen {
        finding(&mut out, rule, rules);
    }
    let hidden = select::by_rule(release).len().saturating_sub(chosen.len());
    if hidden > 0 {
        let _ = write!(out, "And {}.\n\n", counted(hidden, "lesser finding"));
    }
    let mut list = Vec::new();
    for (label, lines) in release.change.iter().flat_map(|c| changes::changes(c)) {
        let rest = lines.len().saturating_sub(CHANGES);
        for line in lines.iter().take(CHANGES) {
            list.push(format!("{label}: {}", prose(&short(line, 300))));
        }
        if rest > 0 {
            list.push(format!("{label}: and {rest} more"));
        }
    }
    for reason in release.incomplete.iter().take(10) {
        list.push(format!("not checked: {}", prose(&short(reason, 300))));
    }
    for (finding, reason) in select::waived(release).take(10) {
        list.push(format!(
            "waived: {} ({}; waiver: {})",
            prose(&short(&finding.message, 300)),
            code_span(&finding.rule),
            prose(&short(reason, 300))
        ));
    }
    for (reason, files) in select::not_tasted(release).into_iter().take(10) {
        list.push(format!(
            "{} not tasted ({}): {}{}",
            counted(files.len(), "artifact"),
            prose(&short(reason, 300)),
            files
                .iter()
                .take(3)
                .map(|f| code_span(&short(f, 100)))
                .collect::<Vec<_>>()
                .join(", "),
            if files.len() > 3 { ", …" } else { "" }
        ));
    }
    for item in &list {
        let _ = writeln!(out, "- {item}");
    }
    if !list.is_empty() {
        out.push('\n');
    }
    if let Some(advice) = select::advice(release) {
        let _ = write!(out, "**Do this:** {}\n\n", prose(&short(advice, 500)));
    }
    if let Some(rule) = chosen
        .first()
        .filter(|_| release.verdict >= Verdict::Review)
    {
        let _ = write!(
            out,
            "Why so strict: {}\n\n",
            code_span(&format!("foretaste explain {}", rule.first.rule))
        );
    }
    out.push_str("</details>\n\n");
    out
}

fn finding(out: &mut String, rule: &RuleFindings<'_>, rules: RuleLookup<'_>) {
    let finding = rule.first;
    let title = rules(&finding.rule)
        .map(|info| info.meta.title)
        .filter(|title| **title != *finding.message)
        .map_or_else(String::new, |title| format!(" {title}"));
    let _ = write!(
        out,
        "**{}**{title} · {} severity · {}\n{}\n\n",
        code_span(&short(&finding.rule, 100)),
        finding.severity.id(),
        select::confidence(finding.confidence),
        prose(&short(&select::message_in_context(finding), 500)),
    );
    let evidence = human::evidence(finding, rule.further, COLUMNS);
    let evidence = short(&evidence, 8_000);
    if !evidence.trim().is_empty() {
        let fence = fence(&evidence);
        let _ = write!(out, "{fence}text\n{}\n{fence}\n\n", evidence.trim_end());
    }
}

/// Skipped checks and remarks on the policy.
fn closing(out: &mut String, report: &Report) {
    let groups = select::skipped(report);
    let total: usize = groups.values().map(|g| g.count).sum();
    let room = |out: &String, more: usize| out.len() + more < MAX_BYTES;
    if total > 0 {
        let mut block = format!(
            "<details><summary>{} skipped</summary>\n\n",
            counted(total, "check")
        );
        for (kind, group) in groups {
            let names: Vec<&str> = group
                .checks
                .values()
                .flatten()
                .copied()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect();
            let shown = names
                .iter()
                .take(8)
                .map(|n| code_span(&short(n, 60)))
                .collect::<Vec<_>>()
                .join(", ");
            let rest = names.len().saturating_sub(8);
            let rest = if rest > 0 {
                format!(" and {rest} more")
            } else {
                String::new()
            };
            let _ = writeln!(
                block,
                "- {} {}: {shown}{rest}",
                group.count,
                select::skip_phrase(kind)
            );
        }
        block.push_str("\n</details>\n");
        if room(out, block.len()) {
            out.push_str(&block);
        } else {
            let _ = writeln!(out, "{} skipped.", counted(total, "check"));
        }
    }
    for note in &report.policy_notes {
        let line = format!("\nPolicy: {}\n", prose(&short(note, 300)));
        if room(out, line.len()) {
            out.push_str(&line);
        }
    }
}

/// At most so many characters, cut visibly.
fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{kept}…")
}
