//! What of a report is worth a reader's time: shared by the renderers for people.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::report::{ReleaseReport, Report, WantedBy};
use foretaste_model::{Confidence, Coverage, Finding, SkipKind, Verdict};

/// Never more findings than this are shown unless all are asked for.
const MOST: usize = 3;

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

/// The few findings that carry the verdict: as many of the heaviest as explain the score, at most three.
pub(crate) fn deciding(release: &ReleaseReport) -> Vec<RuleFindings<'_>> {
    let mut rest = 1.0;
    let mut chosen = Vec::new();
    if release.verdict == Verdict::Clear {
        return chosen;
    }
    for rule in by_rule(release) {
        let explained = 1.0 - rest >= release.score * SHARE && release.score > 0.0;
        if chosen.len() == MOST || rule.first.weight <= 0.0 || (explained && !chosen.is_empty()) {
            break;
        }
        rest *= 1.0 - rule.first.weight.clamp(0.0, 1.0);
        chosen.push(rule);
    }
    chosen
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

/// `46 files, 44 parsed`.
pub(crate) fn tasted(release: &ReleaseReport) -> String {
    if release.artifacts.is_empty() {
        return "nothing to taste".to_owned();
    }
    let coverage = coverage(release);
    format!(
        "{}, {} parsed",
        count(coverage.files as usize, "file"),
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

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, singular: &str) -> String {
    if number == 1 {
        format!("1 {singular}")
    } else {
        format!("{number} {singular}s")
    }
}

/// `shop → flask → werkzeug (requirements.txt:3:1)`.
pub(crate) fn way(wanted: &WantedBy) -> String {
    let development = if wanted.development {
        ", for development"
    } else {
        ""
    };
    format!(
        "{} ({}{development})",
        wanted.path.join(" → "),
        wanted.place()
    )
}
