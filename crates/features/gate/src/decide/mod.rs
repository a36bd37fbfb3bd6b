//! What happens to a file: a pure function of what is known about it, evaluated at serve time on every path.

mod facts;
mod origin;
mod policy;
mod ruling;

use std::borrow::Cow;
use std::sync::Arc;

use foretaste_model::{Ecosystem, PackageName};
use foretaste_names::InternalNames;
use jiff::Timestamp;

use crate::pattern::PackagePattern;
use crate::settings::{AdvisoryLevel, DecideSettings, Listed, Override, Settings};
pub(crate) use facts::{Asked, Facts, Person};
pub use ruling::{Check, Outcome, Ruling, Step};

/// The settings in a form that decides quickly.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    settings: Settings,
    owned: Vec<PackagePattern>,
    /// The names of `foretaste.toml`, read as audits read them.
    internal: Arc<InternalNames>,
    deny: Vec<Entry>,
    allow: Vec<Entry>,
    overrides: Vec<Exception>,
    asks_advisories: bool,
    asks_licences: bool,
    /// They decide for one command, whose user asks nobody.
    alone: bool,
}

/// An entry of a list.
#[derive(Clone, Debug)]
struct Entry {
    pattern: PackagePattern,
    reason: String,
    /// When it stops to count, in seconds since the epoch.
    until: Option<i64>,
}

/// For whom the policy differs, and how.
#[derive(Clone, Debug)]
struct Exception {
    packages: Vec<PackagePattern>,
    ecosystems: Vec<Ecosystem>,
    teams: Vec<String>,
    what: Override,
}

impl Exception {
    fn is_for(&self, facts: &Facts<'_>) -> bool {
        let release = facts.release;
        (self.packages.is_empty() || self.packages.iter().any(|p| p.covers(release)))
            && (self.ecosystems.is_empty() || self.ecosystems.contains(&release.ecosystem))
            && (self.teams.is_empty() || self.teams.iter().any(|t| t == facts.asked.team))
    }
}

impl Rules {
    /// From checked settings; `internal_names` are those of `foretaste.toml`. Patterns that cannot be read were reported
    /// when the settings were parsed.
    pub(crate) fn new(settings: &Settings, internal_names: &[String]) -> Self {
        let pattern = |text: &String| PackagePattern::parse(text).ok();
        let list = |entries: &[Listed]| {
            let entries = entries.iter();
            entries
                .filter_map(|listed| {
                    Some(Entry {
                        pattern: pattern(&listed.package)?,
                        reason: listed.reason.clone(),
                        until: listed.ends().ok()?,
                    })
                })
                .collect()
        };
        let owned = settings.owned.iter().chain(internal_names);
        let overrides = settings.overrides.iter().map(|entry| Exception {
            packages: entry.packages.iter().filter_map(pattern).collect(),
            ecosystems: entry
                .ecosystems
                .iter()
                .filter_map(|e| Ecosystem::from_prefix(e))
                .collect(),
            teams: entry.teams.clone(),
            what: entry.clone(),
        });
        let plain = &settings.decide;
        let asks = |d: &DecideSettings| {
            d.refuse_advisories_from != AdvisoryLevel::Never
                || (d.minimum_age_hours > 0 && d.exempt_fixes)
        };
        let asks_advisories =
            asks(plain) || settings.overrides.iter().any(|o| asks(&plain.with(o)));
        let denies = |of: &DecideSettings| !of.deny_licences.is_empty();
        let asks_licences =
            denies(plain) || settings.overrides.iter().any(|o| denies(&plain.with(o)));
        Self {
            owned: owned.filter_map(pattern).collect(),
            internal: Arc::new(InternalNames::new(internal_names)),
            deny: list(&settings.deny),
            allow: list(&settings.allow),
            overrides: overrides.collect(),
            asks_advisories,
            asks_licences,
            settings: settings.clone(),
            alone: false,
        }
    }

    /// The same, for one command or for everybody.
    pub(crate) fn for_one_command(self, alone: bool) -> Self {
        Self { alone, ..self }
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

    /// A team, if the policy knows it: those that it does not know see the same.
    pub(crate) fn known_team(&self, team: &str) -> &str {
        let mut teams = self.overrides.iter().flat_map(|e| &e.teams);
        teams.find(|known| *known == team).map_or("", |t| t)
    }

    /// True if decisions may ask what advisories say.
    pub(crate) const fn asks_advisories(&self) -> bool {
        self.asks_advisories
    }

    /// True if the settings ask what licence a file has, for anybody.
    pub(crate) const fn asks_licences(&self) -> bool {
        self.asks_licences
    }

    /// What is let through, of this release for this caller.
    fn policy(&self, facts: &Facts<'_>) -> Cow<'_, DecideSettings> {
        let plain = Cow::Borrowed(&self.settings.decide);
        let matching = self.overrides.iter().filter(|e| e.is_for(facts));
        matching.fold(plain, |policy, entry| Cow::Owned(policy.with(&entry.what)))
    }

    /// Decides. Checks are taken in order; the first that settles the matter ends it.
    pub(crate) fn decide(&self, facts: &Facts<'_>, now: Timestamp) -> Ruling {
        let mut ruling = Ruling::open(facts.release, facts.filename, self.alone);
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
        let policy = self.policy(facts);
        let settled = self.by_name(facts, now, ruling)
            || Self::by_person(facts, ruling)
            || Self::by_upstream(facts, ruling)
            || self.by_allow_list(facts, now, ruling)
            || policy::by_age(&policy, facts, now, ruling)
            || policy::by_advisories(&policy, facts, ruling)
            || policy::by_licence(&policy, facts, ruling)
            || policy::by_traits(&policy, facts, ruling);
        if !settled {
            policy::by_verdict(&policy, facts, ruling);
        }
        if policy.dry_run {
            ruling.only_write_down();
        }
    }
}

#[cfg(test)]
mod tests;
