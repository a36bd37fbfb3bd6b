//! What keeps a release out of a lock.

use std::collections::BTreeSet;

use foretaste_model::report::{KNOWN_VULNERABILITY, ReleaseReport, Report};
use foretaste_model::words::counted;
use foretaste_model::{Ecosystem, ReleaseId, Verdict};
use jiff::{SignedDuration, Timestamp};

/// What is accepted.
#[derive(Clone, Debug)]
pub struct Terms {
    /// From this verdict on a release is refused.
    pub fail_on: Verdict,
    /// Accept what could not be vetted in full.
    pub allow_incomplete: bool,
    /// How long ago a release must have been published.
    pub min_age: SignedDuration,
    /// Now.
    pub now: Timestamp,
}

/// One reason why nothing is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The release, as the report names it.
    pub release: String,
    /// Why: a clause without a full stop.
    pub why: String,
}

/// What a report on a lock says about letting it in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judgement {
    /// Empty if the lock may be written.
    pub refusals: Vec<Refusal>,
    /// Releases that the present lock holds already and that are younger than they should be: a minimum age is a matter of
    /// what enters, so they stay, and it is told.
    pub kept: Vec<Refusal>,
    /// Packages of which an advisory names a fixed version: these may be younger, where the resolver can be told so.
    pub to_fix: Vec<Exempt>,
}

/// A package whose releases may be as new as they are.
pub type Exempt = (Ecosystem, String);

/// The ecosystems whose resolvers can take a single package newer than the others.
const RESOLVED_FOR_A_FIX: [Ecosystem; 2] = [Ecosystem::Pypi, Ecosystem::Cargo];

/// Judges the report on a staged lock. `exempt` are packages whose age does not matter, `present` what was locked before.
pub fn judge(
    report: &Report,
    terms: &Terms,
    exempt: &[Exempt],
    present: &BTreeSet<ReleaseId>,
) -> Judgement {
    let mut judgement = Judgement::default();
    for release in &report.releases {
        let refuse = |why: String| Refusal {
            release: shown(release),
            why,
        };
        if release.verdict >= terms.fail_on && release.verdict != Verdict::Incomplete {
            let why = release
                .findings
                .iter()
                .find(|f| f.waived.is_none())
                .map_or_else(String::new, |f| format!(": {} ({})", f.message, f.rule));
            judgement.refusals.push(refuse(format!(
                "the verdict on it is {}{why}",
                release.verdict
            )));
        }
        if !terms.allow_incomplete {
            judgement.refusals.extend(
                release
                    .incomplete
                    .iter()
                    .map(|why| refuse(format!("it could not be vetted: {why}"))),
            );
        }
        let is_exempt = exempt.iter().any(|(ecosystem, name)| {
            release.ecosystem == Some(*ecosystem) && **name == *release.name
        });
        if !is_exempt && let Some(why) = too_young(release, terms) {
            let is_present = release
                .ecosystem
                .zip(release.version.as_deref())
                .is_some_and(|(e, v)| present.contains(&ReleaseId::new(e, &release.name, v)));
            let told = if is_present {
                &mut judgement.kept
            } else {
                &mut judgement.refusals
            };
            told.push(refuse(why));
        }
        let is_fixed_elsewhere = release
            .findings
            .iter()
            .any(|f| &*f.rule == KNOWN_VULNERABILITY && f.waived.is_none() && f.remedy.is_some());
        if let Some(ecosystem) = release.ecosystem.filter(|e| RESOLVED_FOR_A_FIX.contains(e))
            && is_fixed_elsewhere
        {
            judgement.to_fix.push((ecosystem, release.name.to_string()));
        }
    }
    judgement
}

fn too_young(release: &ReleaseReport, terms: &Terms) -> Option<String> {
    if terms.min_age.is_zero() || release.version.is_none() {
        return None;
    }
    let days = |age: SignedDuration| counted(age.as_hours() / 24, "day");
    let Some(published) = release.published else {
        return Some(format!(
            "its registry does not tell when it was published, and it must be {} old",
            days(terms.min_age)
        ));
    };
    let age = terms.now.duration_since(published);
    (age < terms.min_age).then(|| {
        format!(
            "it was published {published}, and must be {} old",
            days(terms.min_age)
        )
    })
}

fn shown(release: &ReleaseReport) -> String {
    match &release.version {
        Some(version) => format!("{} {version}", release.name),
        None => release.name.to_string(),
    }
}
