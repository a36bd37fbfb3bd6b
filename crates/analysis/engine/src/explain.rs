//! Why a score is what it is: the share of each finding, with its factors.

use std::collections::BTreeSet;

use foretaste_model::{Finding, RuleGroup};

use crate::Scale;
use crate::score::{noisy_or, weight};

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
        let mut sorted: Vec<&Finding> = findings.iter().collect();
        sorted.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
        let mut seen = BTreeSet::new();
        let shares: Vec<Share<'_>> = sorted
            .into_iter()
            .map(|finding| Share {
                finding,
                severity: Scale::severity(finding.severity),
                confidence: Scale::confidence(finding.confidence),
                context: Scale::context(finding.context, finding.confidence),
                weight: weight(finding),
                part: match (finding.waived.is_some(), seen.insert(&*finding.rule)) {
                    (true, _) => Part::Waived,
                    (false, false) => Part::Repeats,
                    (false, true) if group(&finding.rule) == RuleGroup::Hygiene => Part::Hygiene,
                    (false, true) => Part::Accuses,
                },
            })
            .collect();
        let sum = |part: Part| noisy_or(shares.iter().filter(|s| s.part == part).map(|s| s.weight));
        let (accusing, hygiene) = (sum(Part::Accuses), sum(Part::Hygiene));
        let score = accusing.max(hygiene.min(Scale::HYGIENE_CEILING));
        Self {
            accusing,
            hygiene,
            score: (score * 1000.0).round() / 1000.0,
            shares,
        }
    }
}
