//! Drift: what a resolution of today would choose, beside what the locks hold.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::{Ecosystem, ReleaseId};
use foretaste_osv::compare_versions;
use foretaste_projects::Project;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::Share;
use crate::sets::{Set, Versions, all_versions};

/// Moves that are named.
const MOST_NAMED: usize = 10;

/// What a fresh resolution would change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Sets that could be resolved anew, of those that are fixed.
    pub resolved: Share,
    /// Packages of which another version would be chosen, of those that both hold.
    pub moved: Share,
    /// Of these: another first number.
    pub major: usize,
    /// Another second number.
    pub minor: usize,
    /// Another third number, or what stands behind it.
    pub patch: usize,
    /// A lower version than the locked one, or one that cannot be compared with it.
    pub back: usize,
    /// Packages that would be new.
    pub entered: usize,
    /// Packages that would no longer be needed.
    pub left: usize,
    /// The moves that go furthest.
    pub furthest: Vec<Move>,
    /// The locked release that was published first, of those that would move; none if no registry told.
    pub oldest: Option<Oldest>,
    /// Why sets were not resolved: the reason, and how many.
    pub not_resolved: BTreeMap<String, usize>,
}

/// A package that would move.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// Whose package it is.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub package: String,
    /// The highest locked version.
    pub locked: String,
    /// The highest version that would be chosen.
    pub fresh: String,
    /// How far that is.
    pub step: Step,
}

/// How far a version moves, by the first number that differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Back, or nobody can say.
    Back,
    /// The third number, or what stands behind it.
    Patch,
    /// The second number.
    Minor,
    /// The first number.
    Major,
}

impl Step {
    /// The lower-case word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    fn between(ecosystem: Ecosystem, locked: &str, fresh: &str) -> Self {
        if compare_versions(ecosystem, locked, fresh) != Some(Ordering::Less) {
            return Self::Back;
        }
        let (a, b) = (numbers(locked), numbers(fresh));
        let first = (0..3).find(|i| a.get(*i).unwrap_or(&0) != b.get(*i).unwrap_or(&0));
        match first {
            Some(0) => Self::Major,
            Some(1) => Self::Minor,
            _ => Self::Patch,
        }
    }
}

/// A release that is older than all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Oldest {
    /// Its package URL.
    pub release: String,
    /// When it was published.
    pub published: Timestamp,
    /// Days since then.
    pub days: i64,
}

impl Drift {
    /// The drift of one set, after its lock was made anew.
    pub fn between(set: &Set, fresh: &Project) -> Self {
        Self::of(set.ecosystem, &set.versions, &all_versions(fresh))
    }

    /// A set that could not be resolved.
    pub fn unresolved(why: &str) -> Self {
        let mut drift = Self::default();
        drift.resolved.count(false);
        drift.not_resolved.insert(why.to_owned(), 1);
        drift
    }

    fn of(ecosystem: Ecosystem, locked: &Versions, fresh: &Versions) -> Self {
        let mut drift = Self::default();
        drift.resolved.count(true);
        drift.entered = fresh.keys().filter(|n| !locked.contains_key(*n)).count();
        for (name, old) in locked {
            let Some(new) = fresh.get(name) else {
                drift.left += 1;
                continue;
            };
            drift.moved.count(old != new);
            if old == new {
                continue;
            }
            let (Some(from), Some(to)) = (highest(ecosystem, old), highest(ecosystem, new)) else {
                continue;
            };
            let step = if from == to {
                // only a lower one of several would go
                Step::Patch
            } else {
                Step::between(ecosystem, from, to)
            };
            drift.furthest.push(Move {
                ecosystem,
                package: name.to_string(),
                locked: from.to_owned(),
                fresh: to.to_owned(),
                step,
            });
        }
        for of in &drift.furthest {
            match of.step {
                Step::Major => drift.major += 1,
                Step::Minor => drift.minor += 1,
                Step::Patch => drift.patch += 1,
                Step::Back => drift.back += 1,
            }
        }
        drift.name();
        drift
    }

    /// Adds another set's, or another repository's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.resolved += other.resolved;
        self.moved += other.moved;
        self.major += other.major;
        self.minor += other.minor;
        self.patch += other.patch;
        self.back += other.back;
        self.entered += other.entered;
        self.left += other.left;
        for of in &other.furthest {
            if !self.furthest.contains(of) {
                self.furthest.push(of.clone());
            }
        }
        for (why, count) in &other.not_resolved {
            *self.not_resolved.entry(why.clone()).or_default() += count;
        }
        let oldest = self.oldest.take().into_iter().chain(other.oldest.clone());
        self.oldest = oldest.min_by_key(|o| o.published);
    }

    /// Sorts the named moves, and keeps the furthest.
    pub(crate) fn name(&mut self) {
        let far = |of: &Move| {
            let (a, b) = (numbers(&of.locked), numbers(&of.fresh));
            let by = |i: usize| b.get(i).unwrap_or(&0).abs_diff(*a.get(i).unwrap_or(&0));
            (of.step, by(0), by(1), by(2))
        };
        self.furthest.sort_by(|a, b| {
            far(b)
                .cmp(&far(a))
                .then_with(|| a.package.cmp(&b.package))
                .then_with(|| a.locked.cmp(&b.locked))
        });
    }

    /// Drops what is not named.
    pub(crate) fn shorten(&mut self) {
        self.furthest.truncate(MOST_NAMED);
    }

    /// Finds the oldest of the locked releases that would move, by when they were published.
    pub(crate) fn date(&mut self, published: &BTreeMap<ReleaseId, Timestamp>, now: Timestamp) {
        let dated = self
            .movers()
            .filter_map(|release| Some((*published.get(&release)?, release)));
        self.oldest = dated.min().map(|(published, release)| Oldest {
            release: release.purl(),
            published,
            days: (now.as_second() - published.as_second()).div_euclid(86_400),
        });
    }

    /// The locked releases that would move.
    pub(crate) fn movers(&self) -> impl Iterator<Item = ReleaseId> + '_ {
        self.furthest
            .iter()
            .map(|of| ReleaseId::new(of.ecosystem, &of.package, &of.locked))
    }
}

/// The highest of some versions.
fn highest(ecosystem: Ecosystem, versions: &BTreeSet<Box<str>>) -> Option<&str> {
    let order = |a: &&str, b: &&str| {
        compare_versions(ecosystem, a, b).unwrap_or_else(|| a.len().cmp(&b.len()).then(a.cmp(b)))
    };
    versions.iter().map(|v| &**v).max_by(order)
}

/// The leading numbers of a version: `1.2.3` of `v1.2.3-rc.1`; without a Python epoch.
fn numbers(version: &str) -> Vec<u64> {
    let text = version.trim_start_matches('v');
    let text = text.split_once('!').map_or(text, |(_, rest)| rest);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    text.get(..end)
        .unwrap_or_default()
        .split('.')
        .map_while(|part| part.parse().ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use foretaste_model::PackageName;

    use super::*;

    fn versions(entries: &[(&str, &[&str])]) -> Versions {
        let of = |(name, all): &(&str, &[&str])| {
            let all = all.iter().map(|v| Box::from(*v)).collect();
            (PackageName::new(Ecosystem::Npm, name), all)
        };
        entries.iter().map(of).collect()
    }

    #[test]
    fn moves_are_counted_by_the_first_number_that_differs() {
        let locked = versions(&[
            ("same", &["1.0.0"]),
            ("patch", &["1.0.0"]),
            ("minor", &["0.1.9"]),
            ("major", &["1.9.0", "2.0.0"]),
            ("back", &["3.0.0"]),
            ("gone", &["1.0.0"]),
        ]);
        let fresh = versions(&[
            ("same", &["1.0.0"]),
            ("patch", &["1.0.1"]),
            ("minor", &["0.2.0"]),
            ("major", &["10.0.0"]),
            ("back", &["2.9.0"]),
            ("new", &["1.0.0"]),
        ]);
        let drift = Drift::of(Ecosystem::Npm, &locked, &fresh);
        assert_eq!(drift.moved, Share::new(4, 5));
        assert_eq!(
            (drift.major, drift.minor, drift.patch, drift.back),
            (1, 1, 1, 1)
        );
        assert_eq!((drift.entered, drift.left), (1, 1));
        let named: Vec<&str> = drift.furthest.iter().map(|m| &*m.package).collect();
        assert_eq!(named, ["major", "minor", "patch", "back"]);
    }

    #[test]
    fn what_was_not_resolved_is_no_move() {
        let mut sum = Drift::of(Ecosystem::Pypi, &Versions::new(), &Versions::new());
        sum.add(&Drift::unresolved("no tool"));
        sum.add(&Drift::unresolved("no tool"));
        assert_eq!(sum.resolved, Share::new(1, 3));
        assert_eq!(sum.not_resolved["no tool"], 2);
        assert_eq!(sum.moved, Share::default());
    }

    #[test]
    fn numbers_are_read_from_every_way_of_writing() {
        assert_eq!(numbers("v1.2.3-rc.1"), [1, 2, 3]);
        assert_eq!(numbers("1!2.0.post1"), [2, 0]);
        assert_eq!(numbers("main"), [0_u64; 0]);
        let step = |a, b| Step::between(Ecosystem::Pypi, a, b);
        assert_eq!(step("1.0", "1.0.post1"), Step::Patch);
        assert_eq!(step("2024.1", "2025.1"), Step::Major);
    }
}
