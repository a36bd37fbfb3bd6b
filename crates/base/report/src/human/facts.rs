//! What else a reader must know of a release: what was tasted, what was not, and what was set aside.

use foretaste_model::report::{ArtifactReport, IndexDigest, ReleaseReport, Subject};
use foretaste_model::words::counted;
use foretaste_model::{Coverage, Verdict};

use super::Detail;
use super::canvas::{Canvas, Entry};
use crate::select;

/// So many names of a group are written out; the rest is counted.
const NAMES: usize = 3;

/// What was looked at, what was not, and what was set aside.
pub(super) fn entries(canvas: &Canvas, release: &ReleaseReport) -> Vec<Entry> {
    let verbose = canvas.detail == Detail::Verbose;
    let entry = |label: &str, text: &str| Entry {
        label: label.to_owned(),
        text: canvas.clean(text),
        right: String::new(),
    };
    let mut entries = Vec::new();
    let said = usize::from(release.verdict == Verdict::Incomplete);
    for reason in release.incomplete.iter().skip(said) {
        entries.push(entry("gap", reason));
    }
    if let Some(hidden) = hidden(canvas, release) {
        entries.push(entry("more", &hidden));
    }
    for (finding, reason) in select::waived(release) {
        entries.push(Entry {
            right: canvas.clean(&finding.rule),
            ..entry("waived", &format!("{} (waiver: {reason})", finding.message))
        });
    }
    if let Some(change) = &release.change {
        entries.extend(super::change::entries(canvas, change));
    }
    if let Some(usage) = &release.usage {
        entries.push(entry("used", &usage.words()));
    }
    if release.verdict == Verdict::Note && !verbose {
        return entries;
    }
    if verbose && !release.capabilities.is_empty() {
        let ids: Vec<&str> = release.capabilities.iter().map(|c| c.id()).collect();
        entries.push(entry("can do", &ids.join(", ")));
    }
    match release.artifacts.as_slice() {
        [] if release.subject == Subject::Project => {}
        [] => entries.push(entry("tasted", "nothing")),
        artifacts if verbose || artifacts.len() == 1 => {
            for artifact in artifacts {
                entries.push(entry("tasted", &tasted(artifact, verbose)));
                if let Some(digest) = artifact.digest.as_ref().filter(|_| verbose) {
                    entries.push(entry(digest.algorithm.id(), &digest.value));
                }
            }
        }
        artifacts => entries.push(entry(
            "tasted",
            &format!(
                "{}: {}",
                counted(artifacts.len(), "artifact"),
                coverage_phrase(select::coverage(release))
            ),
        )),
    }
    for (reason, names) in select::not_tasted(release) {
        let limit = if verbose { usize::MAX } else { NAMES };
        entries.push(entry(
            "untasted",
            &format!("{} ({reason})", names_up_to(&names, limit)),
        ));
    }
    if verbose {
        entries.push(entry(
            "checks",
            &format!(
                "{} ran, {} skipped",
                release.checks.ran,
                release.checks.skipped.len()
            ),
        ));
        if let Some(published) = release.published {
            entries.push(entry("released", &published.to_string()));
        }
    }
    entries
}

/// How many findings are not shown.
fn hidden(canvas: &Canvas, release: &ReleaseReport) -> Option<String> {
    if canvas.detail == Detail::Verbose {
        return None;
    }
    let shown = select::deciding(release).len();
    let rest = select::by_rule(release).len().saturating_sub(shown);
    (rest > 0).then(|| format!("{} (show all: -v)", counted(rest, "lesser finding")))
}

fn tasted(artifact: &ArtifactReport, verbose: bool) -> String {
    let mut text = format!(
        "{}: {}",
        artifact.filename,
        coverage_phrase(artifact.coverage)
    );
    if verbose {
        text.push_str(match artifact.index_digest {
            IndexDigest::Match => "; digest as published",
            IndexDigest::Mismatch => "; DIGEST NOT AS PUBLISHED",
            IndexDigest::Absent => "; no published digest",
        });
    }
    text
}

/// `6 files, 5 parsed, 1 read by the fallback, 0 unreadable`.
fn coverage_phrase(coverage: Coverage) -> String {
    let mut parts = vec![
        counted(coverage.files as usize, "file"),
        format!("{} parsed", coverage.parsed),
    ];
    if coverage.fallback > 0 {
        parts.push(format!("{} read by the fallback", coverage.fallback));
    }
    if coverage.scanned > 0 {
        parts.push(format!("{} scanned", coverage.scanned));
    }
    parts.push(format!("{} unreadable", coverage.unreadable));
    parts.join(", ")
}

/// `a, b, c and 4 more`.
pub(super) fn names_up_to(names: &[&str], limit: usize) -> String {
    let shown = names
        .iter()
        .take(limit)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(limit) {
        0 => shown,
        rest => format!("{shown} and {rest} more"),
    }
}
