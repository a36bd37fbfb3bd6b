//! From a judgement to a release's report.

use foretaste_engine::{Judge, Scene};
use foretaste_model::facts::{ArtifactFacts, ParseOutcome};
use foretaste_model::metadata::ReleaseMetadata;
use foretaste_model::report::{
    ArtifactReport, Checks, IndexDigest, NotTasted, ReleaseReport, Subject,
};
use foretaste_model::words::counted;
use foretaste_model::{PatternMatch, ReleaseId, Verdict};
use foretaste_user_rules::yara::Scanned;

use crate::advice::advice;
use crate::known;
use crate::modules::import_names;

/// What was tasted of one release, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Tasting {
    /// Facts of the tasted artifacts.
    pub(crate) artifacts: Vec<ArtifactFacts>,
    /// Whether each had the index's digest.
    pub(crate) digests: Vec<IndexDigest>,
    /// What was left out.
    pub(crate) not_tasted: Vec<NotTasted>,
    /// Where the user's rules over bytes match.
    pub(crate) patterns: Vec<PatternMatch>,
    /// Why the verdict cannot be `clear`.
    pub(crate) incomplete: Vec<Box<str>>,
}

impl Tasting {
    /// Adds one artifact and the reasons for incompleteness that it brings.
    pub(crate) fn add(&mut self, facts: ArtifactFacts, digest: IndexDigest) {
        if let Some(unread) = facts
            .anomalies
            .iter()
            .find(|a| a.kind.leaves_content_unread())
        {
            let place = if unread.path.is_empty() {
                &facts.filename
            } else {
                &unread.path
            };
            self.incomplete
                .push(format!("{place} could not be read in full: {}", unread.detail).into());
        }
        if facts.coverage.unreadable > 0 {
            let count = facts.coverage.unreadable;
            let unread = facts
                .files
                .iter()
                .find(|f| f.facts.outcome == ParseOutcome::Unreadable);
            let first = unread.map_or_else(String::new, |file| {
                let problem = file.facts.problems.last();
                let why = problem.map_or_else(String::new, |p| format!(" ({})", p.message));
                format!(": {}{why}", file.path)
            });
            self.incomplete.push(
                format!(
                    "{} of {} could not be read{first}",
                    counted(count, "file"),
                    facts.filename
                )
                .into(),
            );
        }
        self.artifacts.push(facts);
        self.digests.push(digest);
    }

    /// Adds what rules over bytes found.
    pub(crate) fn add_scanned(&mut self, scanned: Scanned) {
        self.patterns.extend(scanned.matches);
        let reason = |path: &str| {
            format!("{path} was not scanned to its end by your rules over bytes").into()
        };
        self.incomplete
            .extend(scanned.unfinished.iter().map(|path| reason(path)));
    }

    /// The file names whose bytes are not what the index promises.
    pub(crate) fn mismatches(&self) -> Vec<Box<str>> {
        let pairs = self.artifacts.iter().zip(&self.digests);
        pairs
            .filter(|(_, d)| **d == IndexDigest::Mismatch)
            .map(|(a, _)| a.filename.clone())
            .collect()
    }

    /// True if another run would taste the same: all that was chosen was had as its index promises, and time decided
    /// nothing.
    pub(crate) fn is_settled(&self, chosen: usize) -> bool {
        self.artifacts.len() == chosen
            && self.artifacts.iter().all(known::is_settled)
            && self.digests.iter().all(|d| *d == IndexDigest::Match)
    }

    fn artifact_reports(&self) -> Vec<ArtifactReport> {
        let report = |(a, digest): (&ArtifactFacts, &IndexDigest)| ArtifactReport {
            filename: a.filename.clone(),
            kind: a.kind,
            size: a.size,
            digest: a.digest.clone(),
            index_digest: *digest,
            coverage: a.coverage,
        };
        self.artifacts
            .iter()
            .zip(&self.digests)
            .map(report)
            .collect()
    }
}

/// Judges a scene and writes its report; returns the indices of the waivers that were used.
pub(crate) fn judged(
    target: &str,
    shown_name: &str,
    scene: &Scene<'_>,
    judge: &Judge,
    tasting: &Tasting,
) -> (ReleaseReport, Vec<usize>) {
    let judgement = judge.judge(scene, tasting.incomplete.clone());
    let advice = advice(judgement.verdict, &judgement.findings, shown_name);
    let report = ReleaseReport {
        target: target.into(),
        subject: Subject::Release,
        ecosystem: scene.ecosystem,
        name: scene
            .release
            .map_or_else(|| shown_name.into(), |r| r.name.as_str().into()),
        version: scene
            .release
            .map(|r| r.version.clone())
            .filter(|v| !v.is_empty()),
        purl: scene
            .release
            .filter(|r| !r.version.is_empty())
            .map(|r| r.purl().into()),
        verdict: judgement.verdict,
        score: judgement.score,
        incomplete: judgement.incomplete,
        published: scene.record().and_then(ReleaseMetadata::published),
        compared_with: scene.change.known().map(|c| c.from.clone()),
        change: None,
        artifacts: tasting.artifact_reports(),
        not_tasted: tasting.not_tasted.clone(),
        findings: judgement.findings,
        capabilities: judgement.capabilities,
        checks: judgement.checks,
        advice,
        wanted_by: Vec::new(),
        moved: None,
        imported_as: scene.release.map_or_else(Vec::new, |release| {
            import_names(release.ecosystem, release.name.as_str(), scene.artifacts)
        }),
        usage: None,
    };
    (report, judgement.used_waivers)
}

/// The report of a release that could not be looked at at all. Never clear, never an accusation.
pub(crate) fn failed(
    target: &str,
    release: Option<&ReleaseId>,
    name: &str,
    reason: &str,
    advice: Option<String>,
) -> ReleaseReport {
    ReleaseReport {
        target: target.into(),
        subject: Subject::Release,
        ecosystem: release.map(|r| r.ecosystem),
        name: release.map_or_else(|| name.into(), |r| r.name.as_str().into()),
        version: release.map(|r| r.version.clone()).filter(|v| !v.is_empty()),
        purl: None,
        verdict: Verdict::Incomplete,
        score: 0.0,
        incomplete: vec![reason.into()],
        published: None,
        compared_with: None,
        change: None,
        artifacts: Vec::new(),
        not_tasted: Vec::new(),
        findings: Vec::new(),
        capabilities: Vec::new(),
        checks: Checks::default(),
        advice: advice.map(Into::into),
        wanted_by: Vec::new(),
        moved: None,
        imported_as: Vec::new(),
        usage: None,
    }
}
