//! The examples in a rule file, run through the real observers and the real judge.

use std::sync::Arc;

use foretaste_engine::{AnyRule, Judge, SceneBuilder};
use foretaste_model::facts::{ArtifactFacts, ArtifactKind, FileEntry};
use foretaste_model::metadata::{HistoryEntry, ReleaseMetadata};
use foretaste_model::{ContentDigest, Coverage, Ecosystem, Knowledge, Limits, ReleaseId, Target};
use foretaste_policy::Policy;
use jiff::{SignedDuration, Timestamp};

use super::file::{CaseSpec, Expect};
use super::rule::UserRule;

/// What came of one example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseResult {
    /// The rule.
    pub rule: &'static str,
    /// What the example shows.
    pub title: String,
    /// Why it failed; none if it holds.
    pub failure: Option<String>,
}

/// The release that a package URL names.
pub(crate) fn release_of(text: &str) -> Option<ReleaseId> {
    match text.parse::<Target>().ok()? {
        Target::Package {
            ecosystem,
            name,
            version,
        } => Some(ReleaseId::new(
            ecosystem,
            name.as_str(),
            version.as_deref().unwrap_or("1.0.0"),
        )),
        Target::Path(_) => None,
    }
}

/// Runs the examples of a rule.
pub(crate) fn run(rule: &'static UserRule) -> Vec<CaseResult> {
    let judge = Judge::new([AnyRule::Release(rule)]);
    let result = |case: &CaseSpec| CaseResult {
        rule: rule.meta.id.0,
        title: case.title.clone(),
        failure: failure(&judge, case),
    };
    rule.spec.cases.iter().map(result).collect()
}

fn failure(judge: &Judge, case: &CaseSpec) -> Option<String> {
    let policy = Policy::default();
    let mut builder =
        SceneBuilder::new(Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 20_000));
    builder.release = case.release.as_deref().and_then(release_of);
    if let Some(id) = &builder.release {
        let mut record = ReleaseMetadata::new(id.clone());
        if let Some(days) = case.age_days {
            record.history.push(HistoryEntry {
                version: id.version.clone(),
                published: Some(builder.now - SignedDuration::from_hours(24 * i64::from(days))),
                yanked: None,
                publisher: None,
                provenance: None,
            });
        }
        builder.metadata = Knowledge::Known(record);
    }
    builder
        .artifacts
        .push(artifact(case, builder.release.as_ref()));
    let judgement = judge.judge(&builder.build(&policy), Vec::new());
    let fired = !judgement.findings.is_empty();
    match (case.expect, fired) {
        (Expect::Fire, false) => Some(judgement.checks.skipped.first().map_or_else(
            || "should fire, and is silent".to_owned(),
            |s| format!("should fire, and was skipped: {}", s.reason),
        )),
        (Expect::Silent, true) => {
            let place = judgement.findings[0].evidence.first();
            let place = place.map_or_else(String::new, |e| {
                let line = e.span.map_or(0, |s| s.line);
                format!(" at {}:{line}: {}", e.path, e.snippet.trim())
            });
            Some(format!("should be silent, and fires{place}"))
        }
        _ => None,
    }
}

fn artifact(case: &CaseSpec, release: Option<&ReleaseId>) -> ArtifactFacts {
    let limits = Limits::default();
    let entry = |(path, text): (&String, &String)| FileEntry {
        path: path.as_str().into(),
        digest: ContentDigest::of(text.as_bytes()),
        executable: false,
        facts: Arc::new(foretaste_lang::observe(path, text.as_bytes(), &limits)),
    };
    let kind = if case.files.contains_key("package.json") {
        ArtifactKind::NpmTarball
    } else if case.files.contains_key("Cargo.toml") {
        ArtifactKind::Crate
    } else {
        match release.map(|r| r.ecosystem) {
            Some(Ecosystem::Npm) => ArtifactKind::NpmTarball,
            Some(Ecosystem::Cargo) => ArtifactKind::Crate,
            _ => ArtifactKind::Sdist,
        }
    };
    ArtifactFacts {
        filename: "case.tar.gz".into(),
        kind,
        size: 1,
        digest: None,
        coverage: Coverage {
            files: case.files.len() as u32,
            ..Coverage::default()
        },
        files: case.files.iter().map(entry).collect(),
        anomalies: Vec::new(),
    }
}
