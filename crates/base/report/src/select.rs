//! What of a report is worth a reader's time: shared by the renderers for people.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::change::Change;
use foretaste_model::report::{Move, ReleaseReport, Report, Since, Subject, WantedBy, reachable};
use foretaste_model::words::counted;
use foretaste_model::{Confidence, Coverage, Evidence, Finding, SkipKind, Verdict};

/// Never more findings than this are shown unless all are asked for.
const MOST: usize = 3;
/// What weighs as much is worth a look whatever else was found.
const HEAVY: f64 = 0.5;
/// Findings of this share of the score are enough to explain it.
const SHARE: f64 = 0.99;

/// Words of a message that already says when the code runs.
const TIMES: [&str; 6] = [
    " when",
    " while ",
    "install",
    "import",
    " in tests",
    " asset",
];

/// The findings of one rule on one release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RuleFindings<'a> {
    /// The heaviest.
    pub(crate) first: &'a Finding,
    /// How many more there are.
    pub(crate) further: usize,
}

/// The findings that count, one for each rule, heaviest first.
pub(crate) fn by_rule(release: &ReleaseReport) -> Vec<RuleFindings<'_>> {
    let mut rules: Vec<RuleFindings<'_>> = Vec::new();
    let mut position: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in release.findings.iter().filter(|f| f.waived.is_none()) {
        if let Some(known) = position.get(&*finding.rule).and_then(|i| rules.get_mut(*i)) {
            known.further += 1;
            if finding.weight > known.first.weight {
                known.first = finding;
            }
        } else {
            position.insert(&finding.rule, rules.len());
            rules.push(RuleFindings {
                first: finding,
                further: 0,
            });
        }
    }
    rules.sort_by(|a, b| b.first.weight.total_cmp(&a.first.weight));
    rules
}

/// The few findings that carry the verdict: as many of the heaviest as explain the score, at most three. Instead of one
/// whose places all stand in heavier ones, which would show the same lines once more, the next heavy one stands here.
pub(crate) fn deciding(release: &ReleaseReport) -> Vec<RuleFindings<'_>> {
    if release.verdict == Verdict::Clear {
        return Vec::new();
    }
    let rules = by_rule(release);
    let most = explaining(release, &rules);
    let mut chosen: Vec<RuleFindings<'_>> = Vec::new();
    for (index, rule) in rules.into_iter().enumerate() {
        let counts = index < most || rule.first.weight >= HEAVY;
        if chosen.len() == most || !counts {
            break;
        }
        if shows_more(rule.first, &chosen) {
            chosen.push(rule);
        }
    }
    chosen
}

/// How many of the heaviest explain the score.
fn explaining(release: &ReleaseReport, rules: &[RuleFindings<'_>]) -> usize {
    let mut rest = 1.0;
    for (index, rule) in rules.iter().enumerate() {
        let explained = 1.0 - rest >= release.score * SHARE && release.score > 0.0;
        if index == MOST || rule.first.weight <= 0.0 || (explained && index > 0) {
            return index;
        }
        rest *= 1.0 - rule.first.weight.clamp(0.0, 1.0);
    }
    rules.len()
}

/// True if a finding has no place to show, or one that stands in none of `others`.
fn shows_more<'a>(finding: &'a Finding, others: &[RuleFindings<'a>]) -> bool {
    let line = |site: &'a Evidence| (&*site.path, site.span.map(|span| span.line));
    let shown = others.iter().flat_map(|rule| &rule.first.evidence);
    let shown: Vec<_> = shown.map(line).collect();
    let mut own = finding.evidence.iter().map(line);
    finding.evidence.is_empty() || own.any(|place| place.1.is_none() || !shown.contains(&place))
}

/// What a verdict says in one sentence: the deciding finding's message and when the code runs, or the first gap.
pub(crate) fn sentence(release: &ReleaseReport) -> Option<String> {
    if release.verdict == Verdict::Incomplete
        && let Some(reason) = release.incomplete.first()
    {
        let extent = if release.artifacts.is_empty() {
            ""
        } else {
            " in full"
        };
        return Some(format!("could not be vetted{extent}: {reason}"));
    }
    let finding = deciding(release).first()?.first;
    Some(message_in_context(finding))
}

/// A finding's message, and when the code runs unless the message says so itself.
pub(crate) fn message_in_context(finding: &Finding) -> String {
    match finding.context {
        Some(context) if !TIMES.iter().any(|word| finding.message.contains(word)) => {
            format!(
                "{} {}",
                finding.message.trim_end_matches('.'),
                context.phrase()
            )
        }
        _ => finding.message.to_string(),
    }
}

/// The one thing to do next.
pub(crate) fn advice(release: &ReleaseReport) -> Option<&str> {
    release.advice.as_deref().or_else(|| {
        deciding(release)
            .first()
            .and_then(|rule| rule.first.remedy.as_deref())
    })
}

/// The coverage of all artifacts together.
pub(crate) fn coverage(release: &ReleaseReport) -> Coverage {
    let mut total = Coverage::default();
    for artifact in &release.artifacts {
        total += artifact.coverage;
    }
    total
}

/// `name version`, as far as known.
pub(crate) fn title(release: &ReleaseReport) -> String {
    match &release.version {
        Some(version) => format!("{} {version}", release.name),
        None => release.name.to_string(),
    }
}

/// The ecosystem, or that it is a project; empty for a local package of unknown kind.
pub(crate) fn kind(release: &ReleaseReport) -> &'static str {
    match release.subject {
        Subject::Project => "project",
        Subject::Release => release.ecosystem.map_or("", |e| e.title()),
    }
}

/// `46 files, 44 parsed`.
pub(crate) fn tasted(release: &ReleaseReport) -> String {
    if release.subject == Subject::Project {
        return "its manifests and locks".to_owned();
    }
    if release.artifacts.is_empty() {
        return "nothing to taste".to_owned();
    }
    let coverage = coverage(release);
    format!(
        "{}, {} parsed",
        counted(coverage.files as usize, "file"),
        coverage.parsed
    )
}

/// Waived findings.
pub(crate) fn waived(release: &ReleaseReport) -> impl Iterator<Item = (&Finding, &str)> {
    release
        .findings
        .iter()
        .filter_map(|f| f.waived.as_deref().map(|reason| (f, reason)))
}

/// Artifacts that were not tasted, by reason.
pub(crate) fn not_tasted(release: &ReleaseReport) -> BTreeMap<&str, Vec<&str>> {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for artifact in &release.not_tasted {
        groups
            .entry(&artifact.reason)
            .or_default()
            .push(&artifact.filename);
    }
    groups
}

/// Checks that did not run for one class of reason.
#[derive(Debug, Default)]
pub(crate) struct SkipGroup<'a> {
    /// How many did not run, over all releases.
    pub(crate) count: usize,
    /// Their names by the particulars of the reason.
    pub(crate) checks: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

/// True if a skipped check leaves a gap: what does not apply, or was not wanted, leaves none.
pub(crate) const fn is_gap(kind: SkipKind) -> bool {
    !matches!(kind, SkipKind::NotApplicable | SkipKind::Disabled)
}

/// How many checks should have run on a release and did not.
pub(crate) fn gaps(release: &ReleaseReport) -> usize {
    release
        .checks
        .skipped
        .iter()
        .filter(|skip| is_gap(skip.reason.kind))
        .count()
}

/// Checks that did not run, over all releases.
pub(crate) fn skipped(report: &Report) -> BTreeMap<SkipKind, SkipGroup<'_>> {
    let mut groups: BTreeMap<SkipKind, SkipGroup<'_>> = BTreeMap::new();
    for skip in report.releases.iter().flat_map(|r| &r.checks.skipped) {
        let group = groups.entry(skip.reason.kind).or_default();
        group.count += 1;
        group
            .checks
            .entry(&skip.reason.detail)
            .or_default()
            .insert(&skip.check);
    }
    groups
}

/// Why checks did not run, after their number: `4 offline`.
pub(crate) const fn skip_phrase(kind: SkipKind) -> &'static str {
    match kind {
        SkipKind::Offline => "offline",
        SkipKind::RateLimited => "rate-limited",
        SkipKind::Unsupported => "not offered by the registry",
        SkipKind::NotConfigured => "not configured",
        SkipKind::Failed => "failed",
        SkipKind::NotApplicable => "not applicable",
        SkipKind::Disabled => "switched off",
    }
}

/// `high confidence`, `certain`.
pub(crate) const fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low confidence",
        Confidence::Medium => "medium confidence",
        Confidence::High => "high confidence",
        Confidence::Certain => "certain",
    }
}

/// `shop → flask → werkzeug (requirements.txt:3:1)`.
pub(crate) fn way(wanted: &WantedBy) -> String {
    let development = if wanted.development {
        ", for development"
    } else {
        ""
    };
    let loose = if wanted.loose { ", unpinned" } else { "" };
    format!(
        "{} ({}{loose}{development})",
        wanted.path.join(" → "),
        wanted.place()
    )
}

/// `added`, `upgraded from 1.0`: how it got into the project.
pub(crate) fn moved(release: &ReleaseReport) -> Option<String> {
    let moved = release.moved.as_ref()?;
    let from = if moved.before.is_empty() {
        String::new()
    } else {
        format!(" from {}", moved.before.join(", "))
    };
    Some(match moved.how {
        Move::Added => "added".to_owned(),
        Move::Upgraded => format!("upgraded{from}"),
        Move::Downgraded => format!("downgraded{from}"),
        Move::Rehashed => "allowed with other files than before".to_owned(),
        Move::Changed => format!("changed{from}"),
    })
}

/// `Since main (1a2b3c4d5e6f): 1 added, 2 changed, 1 removed, 30 as before`.
pub(crate) fn since(since: &Since) -> String {
    let commit: String = since.commit.chars().take(12).collect();
    let project = if *since.project == *"." {
        "Since".to_owned()
    } else {
        format!("{} since", since.project)
    };
    let counts = if since.added + since.changed == 0 && since.removed.is_empty() {
        "no dependency changed".to_owned()
    } else {
        [
            (since.added, "added"),
            (since.changed, "changed"),
            (since.removed.len() as u32, "removed"),
        ]
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect::<Vec<_>>()
        .join(", ")
    };
    format!(
        "{project} {} ({commit}): {counts}, {} as before",
        since.revision, since.unchanged
    )
}

/// True if a comparison shows nothing but other content.
pub(crate) fn gains_nothing(change: &Change) -> bool {
    change.surfaces.is_empty()
        && change.entry_points.is_empty()
        && change.capabilities.is_empty()
        && change.chains.is_empty()
        && change.concealed.is_empty()
        && change.binaries.is_empty()
        && change.dependencies.is_empty()
        && change.new_emails.is_empty()
}

/// The line of a manifest or lock that a verdict is about, from where the user stands: file, line and column.
pub(crate) fn place(release: &ReleaseReport) -> Option<(String, u32, u32)> {
    let wanted = release.wanted_by.first()?;
    Some((wanted.reachable_file(), wanted.line, wanted.column))
}

/// A path in a release's evidence as somebody finds it: a project's own files from where the user stands.
pub(crate) fn evidence_path(release: &ReleaseReport, path: &str) -> String {
    match release.subject {
        Subject::Project => reachable(project_folder(&release.target, path), path),
        Subject::Release => path.to_owned(),
    }
}

/// The folder of a project that was named by itself or by one of its files.
fn project_folder<'a>(target: &'a str, path: &str) -> &'a str {
    match target.strip_suffix(path) {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
        _ => target,
    }
}
