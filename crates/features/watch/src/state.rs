//! How a watched thing stood when it was last judged.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::report::{ReleaseReport, Report, Subject};
use foretaste_model::{Finding, Verdict};
use serde::{Deserialize, Serialize};

/// The releases of one watched target, by the name under which they are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Each release: `pypi:six@1.16.0` in a project, the target itself where the version is left open.
    pub releases: BTreeMap<String, ReleaseState>,
}

/// How one release stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseState {
    /// The version, if known.
    pub version: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// What was found, as `rule: message`. Hygiene notes are not kept: they change with time alone.
    pub findings: BTreeSet<String>,
    /// Why it could not be vetted in full.
    pub incomplete: Vec<String>,
    /// What to do, as the report advises.
    pub advice: Option<String>,
    /// A shortest way from the project to it.
    pub path: Vec<String>,
    /// Judgements in a row since then that could not vet it.
    #[serde(default)]
    pub missed: u32,
}

impl State {
    /// The state that a report tells.
    pub fn of(report: &Report) -> Self {
        let releases = report
            .releases
            .iter()
            .filter(|r| r.subject == Subject::Release)
            .map(|r| (key(r), ReleaseState::of(r)))
            .collect();
        Self { releases }
    }
}

fn key(release: &ReleaseReport) -> String {
    match (release.ecosystem, &release.version) {
        (Some(ecosystem), Some(version)) if !release.wanted_by.is_empty() => {
            format!("{}:{}@{version}", ecosystem.id(), release.name)
        }
        _ => release.target.to_string(),
    }
}

impl ReleaseState {
    fn of(release: &ReleaseReport) -> Self {
        let kept = |f: &&Finding| f.waived.is_none() && f.weight > 0.0;
        Self {
            version: release.version.as_deref().map(str::to_owned),
            verdict: release.verdict,
            findings: release
                .findings
                .iter()
                .filter(kept)
                .map(|f| format!("{}: {}", f.rule, f.message))
                .collect(),
            incomplete: release.incomplete.iter().map(ToString::to_string).collect(),
            advice: release.advice.as_deref().map(str::to_owned),
            path: release
                .wanted_by
                .first()
                .map(|w| w.path.iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            missed: 0,
        }
    }
}
