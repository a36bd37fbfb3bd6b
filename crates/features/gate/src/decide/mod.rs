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
    /// What a person decided about this file.
    pub(crate) person: Person<'a>,
    /// The digest is not the one that the same file had before.
    pub(crate) changed: bool,
}

/// What a person decided, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person<'a> {
    /// Nothing.
    Nobody,
    /// These bytes may be served.
    Approved(&'a str),
    /// No file of the version may be.
    Denied(&'a str),
    /// An approval names other bytes than these.
    ApprovedOtherBytes,
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
        self.settle(facts, now, &mut ruling);
        ruling.seal();
        ruling
    }

    /// What [`Self::decide`] comes to, without the words: an index asks this for thousands of files.
    pub(crate) fn outcome(&self, facts: &Facts<'_>, now: Timestamp) -> Outcome {
        let mut ruling = Ruling::silent();
        self.settle(facts, now, &mut ruling);
        ruling.outcome
    }

    fn settle(&self, facts: &Facts<'_>, now: Timestamp, ruling: &mut Ruling) {
        let settled = self.by_name(facts, ruling)
            || Self::by_person(facts, ruling)
            || Self::by_upstream(facts, ruling)
            || self.by_allow_list(facts, ruling)
            || self.by_age(facts, now, ruling);
        if !settled {
            self.by_verdict(facts, ruling);
        }
        if self.settings.decide.dry_run {
            ruling.only_write_down();
        }
    }

    fn by_name(&self, facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        let name = &facts.release.name;
        if facts.changed {
            return ruling.end(
                Check::Digest,
                Outcome::Refuse,
                format_args!("the upstream offers other bytes under this file name than it did before"),
                "treat it as tampered with; an administrator can compare both, and approve the new one",
            );
        }
        if facts.owned && !facts.internal {
            return ruling.end(
                Check::Owned,
                Outcome::Refuse,
                format_args!(
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
        ruling.pass(Check::Owned, format_args!("{what}"));
        if let Some((_, reason)) = self.deny.iter().find(|(p, _)| p.covers(facts.release)) {
            return ruling.end(
                Check::DenyList,
                Outcome::Refuse,
                format_args!("{} is on the deny list: {reason}", facts.release),
                "choose another version or package, or ask an administrator",
            );
        }
        ruling.pass(Check::DenyList, format_args!("not listed"));
        false
    }

    fn by_person(facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        match facts.person {
            Person::Approved(reason) => ruling.end(
                Check::Approval,
                Outcome::Serve,
                format_args!("an administrator approved {}: {reason}", facts.release),
                "",
            ),
            Person::Denied(reason) => ruling.end(
                Check::Approval,
                Outcome::Refuse,
                format_args!("an administrator denied {}: {reason}", facts.release),
                "choose another version or package",
            ),
            Person::Nobody => {
                ruling.pass(Check::Approval, format_args!("nobody decided"));
                false
            }
            Person::ApprovedOtherBytes => {
                let what = "an administrator approved other bytes of this version";
                ruling.pass(Check::Approval, format_args!("{what}"));
                false
            }
        }
    }

    fn by_upstream(facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        match facts.status {
            ProjectStatus::Quarantined | ProjectStatus::SecurityHolder => ruling.end(
                Check::Upstream,
                Outcome::Refuse,
                format_args!(
                    "its registry holds {} back as suspected malware",
                    facts.release.name
                ),
                "choose another package",
            ),
            _ => {
                ruling.pass(Check::Upstream, format_args!("not held back"));
                false
            }
        }
    }

    fn by_allow_list(&self, facts: &Facts<'_>, ruling: &mut Ruling) -> bool {
        let Some((_, reason)) = self.allow.iter().find(|(p, _)| p.covers(facts.release)) else {
            ruling.pass(Check::AllowList, format_args!("not listed"));
            return false;
        };
        ruling.end(
            Check::AllowList,
            Outcome::Serve,
            format_args!("{} is on the allow list: {reason}", facts.release),
            "",
        )
    }

    fn by_age(&self, facts: &Facts<'_>, now: Timestamp, ruling: &mut Ruling) -> bool {
        let hours = i64::from(self.settings.decide.minimum_age_hours);
        if hours == 0 || facts.internal {
            ruling.pass(Check::Age, format_args!("no minimum age applies"));
            return false;
        }
        let Some(published) = facts.published else {
            return ruling.end(
                Check::Age,
                Outcome::Refuse,
                format_args!(
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
                format_args!(
                    "{} was published {} hours ago, and releases must be {hours} hours old",
                    facts.release,
                    age.max(0) / 3600
                ),
                "use the version before it, or wait",
            );
        }
        ruling.pass(Check::Age, format_args!("{} hours old", age / 3600));
        false
    }

    fn by_verdict(&self, facts: &Facts<'_>, ruling: &mut Ruling) {
        let decide = &self.settings.decide;
        if facts.internal && !decide.vet_uploads {
            ruling.end(
                Check::Verdict,
                Outcome::Serve,
                format_args!("it was published here, and uploads are not vetted"),
                "",
            );
            return;
        }
        let Some((verdict, reasons)) = facts.verdict else {
            ruling.end(
                Check::Verdict,
                Outcome::Unvetted,
                format_args!("{} was not vetted yet", facts.filename),
                "try again in a moment",
            );
            return;
        };
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
        match reasons.first() {
            Some(first) => ruling.end(
                Check::Verdict,
                outcome,
                format_args!("{verdict}: {first}"),
                advice,
            ),
            None => ruling.end(Check::Verdict, outcome, format_args!("{verdict}"), advice),
        };
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
