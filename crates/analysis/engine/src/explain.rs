//! Why a score is what it is: the share of each finding, with its factors.

use std::collections::BTreeSet;

use foretaste_model::{Finding, RuleGroup};

use crate::Scale;
use crate::score::{Sum, unit, weight};

/// What one finding contributes, and what its weight is made of.
#[derive(Clone, Copy, Debug)]
pub struct Share<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// What its severity is worth, 0–1.
    pub severity: f64,
    /// What its confidence is worth, 0–1.
    pub confidence: f64,
    /// What its execution context is worth, 0–1.
    pub context: f64,
    /// What the size of the package leaves of it, 0–1.
    pub size: f64,
    /// Their product, rounded to thousandths; 0 for a waived finding.
    pub weight: f64,
    /// Whether it counts towards the score.
    pub part: Part,
}

/// Whether a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The heaviest finding of an accusing rule.
    Accuses,
    /// The heaviest finding of a hygiene rule: all of these together are capped.
    Hygiene,
    /// The same rule has a heavier finding.
    Repeats,
    /// It waits to be called in another file than the one that weighs most.
    Elsewhere,
    /// A waiver covers it.
    Waived,
}

/// A score, taken apart.
#[derive(Clone, Debug)]
pub struct Explanation<'a> {
    /// Every finding, heaviest first.
    pub shares: Vec<Share<'a>>,
    /// What the accusing findings add up to, 0–1.
    pub accusing: f64,
    /// What the hygiene findings add up to, before the cap.
    pub hygiene: f64,
    /// The score.
    pub score: f64,
}

impl<'a> Explanation<'a> {
    /// Takes the score of these findings apart. `group` names the group of a rule.
    pub fn of(findings: &'a [Finding], group: impl Fn(&str) -> RuleGroup) -> Self {
        let total = Sum::of(findings.iter().map(|f| (f, group(&f.rule))));
        let mut sorted: Vec<&Finding> = findings.iter().collect();
        sorted.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let mut seen = BTreeSet::new();
        let shares: Vec<Share<'_>> = sorted
            .into_iter()
            .map(|finding| {
                let hygiene = group(&finding.rule) == RuleGroup::Hygiene;
                let here = hygiene || unit(finding).is_none_or(|unit| total.unit == Some(unit));
                let part = match finding.waived.is_some() {
                    true => Part::Waived,
                    false if !here => Part::Elsewhere,
                    false if !seen.insert(&*finding.rule) => Part::Repeats,
                    false if hygiene => Part::Hygiene,
                    false => Part::Accuses,
                };
                Share {
                    finding,
                    severity: Scale::severity(finding.severity),
                    confidence: Scale::confidence(finding.confidence),
                    context: Scale::context(finding.context, finding.confidence),
                    size: finding.share,
                    weight: weight(finding),
                    part,
                }
            })
            .collect();
        Self {
            accusing: total.accusing,
            hygiene: total.hygiene,
            score: total.score(),
            shares,
        }
    }
}
