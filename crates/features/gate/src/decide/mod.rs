//! What happens to a file: a pure function of what is known about it, evaluated at serve time on every path.

mod ruling;

use std::sync::Arc;

use foretaste_model::metadata::ProjectStatus;
use foretaste_model::{Ecosystem, PackageName, ReleaseId, Verdict};
use foretaste_names::InternalNames;
use jiff::Timestamp;

use crate::pattern::PackagePattern;
use crate::settings::{Incomplete, Settings, Threshold};
pub use ruling::{Check, Outcome, Ruling, Step};

/// Everything that a decision depends on, besides the settings.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    /// Which release.
    pub(crate) release: &'a ReleaseId,
    /// Which file.
    pub(crate) filename: &'a str,
    /// True if it was published here.
    pub(crate) internal: bool,
    /// True if the name is the organisation's own.
    pub(crate) owned: bool,
    /// When it was published, as the upstream says.
    pub(crate) published: Option<Timestamp>,
    /// What the upstream says about the package.
    pub(crate) status: ProjectStatus,
    /// The verdict, if it was vetted: with its reasons.
    pub(crate) verdict: Option<(Verdict, &'a [String])>,
    /// What a person decided about this release: approved or denied, and why.
    pub(crate) person: Option<(bool, &'a str)>,
    /// The digest is not the one that the same file had before.
    pub(crate) changed: bool,
}

/// The settings in a form that decides quickly.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    settings: Settings,
    owned: Vec<PackagePattern>,
    /// The names of `foretaste.toml`, read as audits read them.
    internal: Arc<InternalNames>,
    deny: Vec<(PackagePattern, String)>,
    allow: Vec<(PackagePattern, String)>,
}

impl Rules {
    /// From checked settings; `internal_names` are those of `foretaste.toml`. Patterns that cannot be read were reported
    /// when the settings were parsed.
    pub(crate) fn new(settings: &Settings, internal_names: &[String]) -> Self {
        let pattern = |text: &String| PackagePattern::parse(text).ok();
        let list = |entries: &[crate::settings::Listed]| {
            let entries = entries.iter();
            entries
                .filter_map(|l| Some((pattern(&l.package)?, l.reason.clone())))
                .collect()
        };
        let owned = settings.owned.iter().chain(internal_names);
        Self {
            owned: owned.filter_map(pattern).collect(),
            internal: Arc::new(InternalNames::new(internal_names)),
            deny: list(&settings.deny),
            allow: list(&settings.allow),
            settings: settings.clone(),
        }
    }

    /// True if the settings say that a name is the organisation's own.
    pub(crate) fn owns(&self, ecosystem: Ecosystem, name: &PackageName) -> bool {
        self.owned.iter().any(|p| p.covers_package(ecosystem, name))
            || self.internal.holds(ecosystem, name.as_str())
    }

    /// The settings.
    pub(crate) const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Decides. Checks are taken in order; the first that settles the matter ends it.
    pub(crate) fn decide(&self, facts: &Facts<'_>, now: Timestamp) -> Ruling {
        let mut ruling = Ruling::open(facts.release, facts.filename);
        let settled = self.by_name(facts, &mut ruling)
            || Self::by_person(facts, &mut ruling)
            || Self::by_upstream(facts, &mut ruling)
            || self.by_allow_list(facts, &mut ruling)
            || self.by_age(facts, now, &mut ruling);
        if !settled {
            self.by_verdict(facts, &mut ruling);
        }
        if self.settings.decide.dry_run {
            ruling.only_write_down();
        }
        ruling.seal();
        ruling
    }

    fn by_name(&self, facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        let name = &facts.release.name;
        if facts.changed {
            return ruling.end(
                Check::Digest,
                Outcome::Refuse,
                "the upstream offers other bytes under this file name than it did before".to_owned(),
                "treat it as tampered with; an administrator can compare both, and approve the new one",
            );
        }
        if facts.owned && !facts.internal {
            return ruling.end(
                Check::Owned,
                Outcome::Refuse,
                format!(
                    "{name} is a name of this organisation, and this release comes from elsewhere"
                ),
                "publish it to the gate if it is yours",
            );
        }
        let what = if facts.owned {
            "the organisation's own"
        } else {
            "not owned"
        };
        ruling.pass(Check::Owned, what);
        if let Some((_, reason)) = self.deny.iter().find(|(p, _)| p.covers(facts.release)) {
            return ruling.end(
                Check::DenyList,
                Outcome::Refuse,
                format!("{} is on the deny list: {reason}", facts.release),
                "choose another version or package, or ask an administrator",
            );
        }
        ruling.pass(Check::DenyList, "not listed");
        false
    }

    fn by_person(facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        match facts.person {
            Some((true, reason)) => ruling.end(
                Check::Approval,
                Outcome::Serve,
                format!("an administrator approved {}: {reason}", facts.release),
                "",
            ),
            Some((false, reason)) => ruling.end(
                Check::Approval,
                Outcome::Refuse,
                format!("an administrator denied {}: {reason}", facts.release),
                "choose another version or package",
            ),
            None => {
                ruling.pass(Check::Approval, "nobody decided");
                false
            }
        }
    }

    fn by_upstream(facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        match facts.status {
            ProjectStatus::Quarantined | ProjectStatus::SecurityHolder => ruling.end(
                Check::Upstream,
                Outcome::Refuse,
                format!(
                    "its registry holds {} back as suspected malware",
                    facts.release.name
                ),
                "choose another package",
            ),
            _ => {
                ruling.pass(Check::Upstream, "not held back");
                false
            }
        }
    }

    fn by_allow_list(&self, facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        let Some((_, reason)) = self.allow.iter().find(|(p, _)| p.covers(facts.release)) else {
            ruling.pass(Check::AllowList, "not listed");
            return false;
        };
        ruling.end(
            Check::AllowList,
            Outcome::Serve,
            format!("{} is on the allow list: {reason}", facts.release),
            "",
        )
    }

    fn by_age(&self, facts: &Facts<'_>, now: Timestamp, ruling: &mut Ruling) -> bool {
        let hours = i64::from(self.settings.decide.minimum_age_hours);
        if hours == 0 || facts.internal {
            ruling.pass(Check::Age, "no minimum age applies");
            return false;
        }
        let Some(published) = facts.published else {
            return ruling.end(
                Check::Age,
                Outcome::Refuse,
                format!(
                    "releases must be {hours} hours old, and the upstream does not say when {} was published",
                    facts.release
                ),
                "use an upstream with publication times (PEP 700), or put the package on the allow list",
            );
        };
        let age = now.as_second() - published.as_second();
        if age < hours * 3600 {
            return ruling.end(
                Check::Age,
                Outcome::Refuse,
                format!(
                    "{} was published {} hours ago, and releases must be {hours} hours old",
                    facts.release,
                    age.max(0) / 3600
                ),
                "use the version before it, or wait",
            );
        }
        ruling.pass(Check::Age, &format!("{} hours old", age / 3600));
        false
    }

    fn by_verdict(&self, facts: &Facts<'_>, ruling: &mut Ruling) {
        let decide = &self.settings.decide;
        if facts.internal && !decide.vet_uploads {
            ruling.end(
                Check::Verdict,
                Outcome::Serve,
                "it was published here, and uploads are not vetted".to_owned(),
                "",
            );
            return;
        }
        let Some((verdict, reasons)) = facts.verdict else {
            ruling.end(
                Check::Verdict,
                Outcome::Unvetted,
                format!("{} was not vetted yet", facts.filename),
                "try again in a moment",
            );
            return;
        };
        let why = reasons.first().map_or_else(
            || verdict.to_string(),
            |first| format!("{verdict}: {first}"),
        );
        let (outcome, advice) = if reaches(decide.refuse_from, verdict) {
            (
                Outcome::Refuse,
                "choose another version or package, or ask an administrator to look at it",
            )
        } else if reaches(decide.hold_from, verdict)
            || (verdict == Verdict::Incomplete && decide.incomplete == Incomplete::Hold)
        {
            (Outcome::Hold, "ask an administrator to approve it")
        } else {
            (Outcome::Serve, "")
        };
        ruling.end(Check::Verdict, outcome, why, advice);
    }
}

fn reaches(threshold: Threshold, verdict: Verdict) -> bool {
    match threshold {
        Threshold::Never => false,
        Threshold::Block => verdict >= Verdict::Block,
        Threshold::Review => verdict >= Verdict::Review,
        // what could not be checked is a matter of its own
        Threshold::Note => verdict >= Verdict::Note && verdict != Verdict::Incomplete,
    }
}

#[cfg(test)]
mod tests;
