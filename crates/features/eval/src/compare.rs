//! What changed between two evaluations of the same samples.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::Verdict;
use serde::{Deserialize, Serialize};

use crate::statistics::round;
use crate::{Figures, Package, Report, RuleHits, Share};

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Packages in both evaluations.
    pub in_both: usize,
    /// Packages that only the old one had.
    pub only_old: usize,
    /// Packages that only the new one has.
    pub only_new: usize,
    /// Shares that changed, as printed: `family recall at review`.
    pub shares: Vec<Moved>,
    /// Families of which another share of the members in both now reaches `review`.
    pub families: Vec<Moved>,
    /// Rules that fire elsewhere than before.
    pub rules: Vec<RuleMoved>,
    /// Packages with another verdict.
    pub packages: Vec<PackageMoved>,
}

/// A share before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// Of what.
    pub what: String,
    /// Before.
    pub old: f64,
    /// After.
    pub new: f64,
}

/// A rule's hits before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleMoved {
    /// The rule.
    pub rule: String,
    /// Families hit, before and after.
    pub families: (usize, usize),
    /// Malicious artifacts hit.
    pub artifacts: (usize, usize),
    /// Benign packages hit.
    pub benign: (usize, usize),
}

/// A package's verdict before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PackageMoved {
    /// Its name: **hostile text**.
    pub name: String,
    /// Whether it is known to be malicious.
    pub malicious: bool,
    /// Its family.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub family: String,
    /// Its kind.
    pub kind: String,
    /// The verdict before and after.
    pub verdict: (Verdict, Verdict),
    /// The score before and after.
    pub score: (f64, f64),
    /// Rules that no longer fire.
    pub lost: Vec<String>,
    /// Rules that fire now.
    pub won: Vec<String>,
}

impl PackageMoved {
    /// True if it crossed this verdict upwards.
    pub fn rose_to(&self, verdict: Verdict) -> bool {
        self.verdict.0 < verdict && self.verdict.1 >= verdict
    }

    /// True if it fell below this verdict.
    pub fn fell_below(&self, verdict: Verdict) -> bool {
        self.verdict.0 >= verdict && self.verdict.1 < verdict
    }
}

/// Compares two evaluations.
pub fn compare(old: &Report, new: &Report) -> Comparison {
    let key = |p: &Package| (!p.malicious, p.kind.clone(), p.name.clone());
    let before: BTreeMap<_, &Package> = old.packages.iter().map(|p| (key(p), p)).collect();
    let after: BTreeMap<_, &Package> = new.packages.iter().map(|p| (key(p), p)).collect();
    let both: Vec<(&Package, &Package)> = after
        .iter()
        .filter_map(|(k, p)| Some((*before.get(k)?, *p)))
        .collect();
    Comparison {
        in_both: both.len(),
        only_old: before.len() - both.len(),
        only_new: after.len() - both.len(),
        shares: shares(&old.figures, &new.figures),
        families: families(&both),
        rules: rules(&old.figures.rules, &new.figures.rules),
        packages: both.iter().filter_map(|(a, b)| moved(a, b)).collect(),
    }
}

fn moved(old: &Package, new: &Package) -> Option<PackageMoved> {
    let names = |p: &Package| -> BTreeSet<String> { p.rules.keys().cloned().collect() };
    let (before, after) = (names(old), names(new));
    (old.verdict != new.verdict).then(|| PackageMoved {
        name: new.name.clone(),
        malicious: new.malicious,
        family: new.family.clone(),
        kind: new.kind.clone(),
        verdict: (old.verdict, new.verdict),
        score: (old.score, new.score),
        lost: before.difference(&after).cloned().collect(),
        won: after.difference(&before).cloned().collect(),
    })
}

fn families(both: &[(&Package, &Package)]) -> Vec<Moved> {
    let mut counts: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for (old, new) in both.iter().filter(|(_, new)| new.malicious) {
        let count = counts.entry(&new.family).or_default();
        count.0 += 1;
        count.1 += usize::from(old.verdict >= Verdict::Review);
        count.2 += usize::from(new.verdict >= Verdict::Review);
    }
    counts
        .into_iter()
        .filter(|(_, (_, old, new))| old != new)
        .map(|(family, (all, old, new))| Moved {
            what: family.to_owned(),
            old: round(old as f64 / all as f64),
            new: round(new as f64 / all as f64),
        })
        .collect()
}

fn rules(old: &[RuleHits], new: &[RuleHits]) -> Vec<RuleMoved> {
    let counts = |hits: &[RuleHits]| -> BTreeMap<String, [usize; 3]> {
        let count = |r: &RuleHits| [r.families, r.artifacts, r.benign.values().sum()];
        hits.iter().map(|r| (r.rule.clone(), count(r))).collect()
    };
    let (before, after) = (counts(old), counts(new));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter_map(|rule| {
            let old = before.get(rule).copied().unwrap_or_default();
            let new = after.get(rule).copied().unwrap_or_default();
            (old != new).then(|| RuleMoved {
                rule: rule.clone(),
                families: (old[0], new[0]),
                artifacts: (old[1], new[1]),
                benign: (old[2], new[2]),
            })
        })
        .collect()
}

/// The shares that both evaluations have, by their printed name.
fn shares(old: &Figures, new: &Figures) -> Vec<Moved> {
    let (before, after) = (named(old), named(new));
    after
        .into_iter()
        .filter_map(|(what, new)| {
            let old = before.iter().find(|(name, _)| *name == what)?.1;
            ((old - new).abs() > 1e-9).then_some(Moved { what, old, new })
        })
        .collect()
}

fn named(figures: &Figures) -> Vec<(String, f64)> {
    let mut all = Vec::new();
    let mut add = |what: String, share: &Share| all.push((what, share.share));
    if let Some(bad) = &figures.malicious {
        for (verdict, recall) in [("review", &bad.review), ("block", &bad.block)] {
            add(format!("family recall at {verdict}"), &recall.families);
            add(format!("artifact recall at {verdict}"), &recall.artifacts);
        }
    }
    for (kind, counts) in &figures.benign {
        add(format!("benign {kind} at review"), &counts.review);
        add(format!("benign {kind} at block"), &counts.block);
    }
    all.push(("area under the curve".into(), figures.roc.area));
    all
}
