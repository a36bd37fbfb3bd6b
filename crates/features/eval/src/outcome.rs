//! What scanning one sample gave, shrunk to what the figures need.

use std::collections::BTreeMap;
use std::time::Duration;

use foretaste_engine::Explanation;
use foretaste_model::facts::ArtifactKind;
use foretaste_model::report::ReleaseReport;
use foretaste_model::{Ecosystem, Finding, RuleGroup, Verdict};
use serde::{Deserialize, Serialize};

/// The finding that decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Its rule.
    pub rule: String,
    /// Its weight.
    pub weight: f64,
    /// What it says of the package: **hostile text**.
    pub message: String,
    /// The file and line of its first evidence: **hostile text**.
    pub place: String,
}

/// What scanning one sample gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What the package looks like: `wheel`, `sdist`, `npm`, `crate`, ...
    pub kind: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The score.
    pub score: f64,
    /// Why it could not be vetted in full.
    pub incomplete: Vec<String>,
    /// True if nothing of it could be looked at.
    pub failed: bool,
    /// The heaviest finding of each rule: its weight.
    pub rules: BTreeMap<String, f64>,
    /// The score without each accusing rule, where that makes a difference.
    pub without: BTreeMap<String, f64>,
    /// The heaviest finding that accuses, if any.
    pub best: Option<Best>,
    /// Bytes of the archive.
    pub packed: u64,
    /// Bytes that came out of it.
    pub unpacked: u64,
    /// Wall-clock time.
    pub wall: Duration,
    /// Processor time: of the scanning thread, or of the process if the scan was alone in it.
    pub cpu: Duration,
    /// The most memory that the process held meanwhile, in bytes, if the scan was alone in it.
    pub memory: Option<u64>,
}

impl Outcome {
    /// Takes what counts from a release's report.
    pub(crate) fn of(report: &ReleaseReport, wall: Duration, cpu: Duration) -> Self {
        let mut rules: BTreeMap<String, f64> = BTreeMap::new();
        for finding in report.findings.iter().filter(|f| f.waived.is_none()) {
            let heaviest = rules.entry(finding.rule.to_string()).or_insert(0.0);
            *heaviest = heaviest.max(finding.weight);
        }
        let best = report
            .findings
            .iter()
            .filter(|f| f.waived.is_none() && accuses(&f.rule))
            .max_by(|a, b| {
                a.weight
                    .total_cmp(&b.weight)
                    .then_with(|| b.rule.cmp(&a.rule))
            })
            .map(|f| Best {
                rule: f.rule.to_string(),
                weight: f.weight,
                message: f.message.to_string(),
                place: f.evidence.first().map_or_else(String::new, |e| {
                    e.span.as_ref().map_or_else(
                        || e.path.to_string(),
                        |span| format!("{}:{}", e.path, span.line),
                    )
                }),
            });
        Self {
            kind: kind(report),
            verdict: report.verdict,
            score: report.score,
            incomplete: report.incomplete.iter().map(ToString::to_string).collect(),
            failed: report.artifacts.is_empty(),
            without: without(report, &rules),
            rules,
            best,
            packed: report.artifacts.iter().map(|a| a.size).sum(),
            unpacked: report.artifacts.iter().map(|a| a.coverage.bytes).sum(),
            wall,
            cpu,
            memory: None,
        }
    }

    /// The outcome of a scan that died.
    pub(crate) fn broken(reason: String, wall: Duration, cpu: Duration) -> Self {
        Self {
            kind: "other".into(),
            verdict: Verdict::Incomplete,
            score: 0.0,
            incomplete: vec![reason],
            failed: true,
            rules: BTreeMap::new(),
            without: BTreeMap::new(),
            best: None,
            packed: 0,
            unpacked: 0,
            wall,
            cpu,
            memory: None,
        }
    }
}

/// The score without each accusing rule.
fn without(report: &ReleaseReport, rules: &BTreeMap<String, f64>) -> BTreeMap<String, f64> {
    let group = |rule: &str| foretaste_rules::meta(rule).map_or(RuleGroup::Hygiene, |m| m.group);
    rules
        .keys()
        .filter(|rule| accuses(rule))
        .map(|rule| {
            let others: Vec<Finding> = report
                .findings
                .iter()
                .filter(|f| *f.rule != **rule)
                .cloned()
                .collect();
            let score = Explanation::of(&others, group).score;
            (rule.clone(), score)
        })
        .filter(|(_, score)| *score < report.score)
        .collect()
}

/// True for rules that count towards a verdict beyond `note`.
pub(crate) fn accuses(rule: &str) -> bool {
    foretaste_rules::meta(rule).is_none_or(|m| m.group != RuleGroup::Hygiene)
}

fn kind(report: &ReleaseReport) -> String {
    let Some(artifact) = report.artifacts.first() else {
        return "other".into();
    };
    match (artifact.kind, report.ecosystem) {
        (ArtifactKind::NpmTarball, _) | (ArtifactKind::Folder, Some(Ecosystem::Npm)) => {
            "npm".into()
        }
        (ArtifactKind::Crate, _) | (ArtifactKind::Folder, Some(Ecosystem::Cargo)) => "crate".into(),
        (ArtifactKind::Folder, Some(Ecosystem::Pypi)) => "sdist".into(),
        (kind, _) => kind.title().replace(' ', "-"),
    }
}
