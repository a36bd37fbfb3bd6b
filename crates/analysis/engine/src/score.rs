//! Weights and scores.
//!
//! A finding weighs severity × confidence × context × share (what the package's size leaves of code that waits to be
//! called). The score is the noisy-or of the heaviest finding of each accusing rule, over everything that runs by itself
//! and the one heaviest file of what does not: monotone (more evidence never lowers it) and explainable (each factor
//! stands in the report).
//! Hygiene findings are risks, not accusations: together they never reach more than [`Scale::HYGIENE_CEILING`].

use std::collections::BTreeMap;

use foretaste_model::{Confidence, ExecutionContext, Finding, RuleGroup, Severity, Verdict};
use foretaste_policy::Thresholds;

use crate::bulk::Bulk;

/// The factors of the weight.
#[derive(Clone, Copy, Debug)]
pub struct Scale;

impl Scale {
    /// The most that hygiene findings can add up to: a `note`, never a `review`.
    pub const HYGIENE_CEILING: f64 = 0.35;

    /// What a severity is worth.
    pub const fn severity(severity: Severity) -> f64 {
        match severity {
            Severity::Info => 0.04,
            Severity::Low => 0.15,
            Severity::Medium => 0.45,
            Severity::High => 0.80,
            Severity::Critical => 0.97,
        }
    }

    /// What a confidence is worth.
    pub const fn confidence(confidence: Confidence) -> f64 {
        match confidence {
            Confidence::Low => 0.40,
            Confidence::Medium => 0.70,
            Confidence::High => 0.95,
            Confidence::Certain => 1.0,
        }
    }

    /// What a context is worth for evidence of some confidence.
    ///
    /// A chain accuses by what it does *when*; what is certain in itself depends on it only half as much.
    pub fn context(context: Option<ExecutionContext>, confidence: Confidence) -> f64 {
        let factor = match context {
            None | Some(ExecutionContext::Install | ExecutionContext::Start) => 1.0,
            Some(ExecutionContext::Import) => 0.95,
            Some(ExecutionContext::Entry) => 0.75,
            Some(ExecutionContext::Called) => 0.70,
            Some(ExecutionContext::Test) => 0.25,
            Some(ExecutionContext::Asset) => 0.20,
        };
        if confidence == Confidence::Certain {
            f64::midpoint(factor, 1.0)
        } else {
            factor
        }
    }
}

/// The order of findings in a report: heaviest first, then by rule and place.
pub(crate) fn heavier_first(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    b.weight
        .total_cmp(&a.weight)
        .then_with(|| a.rule.cmp(&b.rule))
        .then_with(|| a.evidence.cmp(&b.evidence))
}

/// The weight of a finding.
pub fn weight(finding: &Finding) -> f64 {
    if finding.waived.is_some() {
        return 0.0;
    }
    let product = Scale::severity(finding.severity)
        * Scale::confidence(finding.confidence)
        * Scale::context(finding.context, finding.confidence)
        * finding.share;
    (product * 1000.0).round() / 1000.0
}

/// A part of a package whose findings add up: a file, or a stretch of lines of it.
pub(crate) type Unit<'a> = (&'a str, u32);

/// So many lines of a large package's file are one unit: a bundle is a whole application in one file.
pub(crate) const STRETCH: u32 = 1500;

/// Where a finding's evidence must stand to add up with that of others; none for what runs by itself.
///
/// What waits to be called in one file and what waits in another are two features, not one attack. So are the parts of a
/// large program that an import reaches only through other functions.
pub(crate) fn unit(finding: &Finding) -> Option<Unit<'_>> {
    let by_itself = match finding.context {
        None | Some(ExecutionContext::Install | ExecutionContext::Start) => true,
        Some(ExecutionContext::Import) => finding.share > Bulk::LEAST,
        Some(_) => false,
    };
    if by_itself {
        return None;
    }
    let site = finding.evidence.first();
    let line = site.and_then(|e| e.span).map_or(0, |span| span.line);
    let stretch = if finding.share > Bulk::LEAST {
        0
    } else {
        line / STRETCH
    };
    Some((site.map_or("", |e| &*e.path), stretch))
}

/// What findings add up to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sum<'a> {
    /// The accusing ones: those of code that runs by itself, and of the heaviest file beside it.
    pub(crate) accusing: f64,
    /// That unit, if any counts.
    pub(crate) unit: Option<Unit<'a>>,
    /// The hygiene findings, before the cap.
    pub(crate) hygiene: f64,
}

impl<'a> Sum<'a> {
    /// Adds up findings, each with the group of its rule.
    pub(crate) fn of(findings: impl IntoIterator<Item = (&'a Finding, RuleGroup)>) -> Self {
        type Heaviest<'a> = BTreeMap<&'a str, f64>;
        let mut hygiene = Heaviest::new();
        let mut units: BTreeMap<Option<Unit<'_>>, Heaviest<'_>> = BTreeMap::new();
        for (finding, group) in findings {
            let of = if group == RuleGroup::Hygiene {
                &mut hygiene
            } else {
                units.entry(unit(finding)).or_default()
            };
            let heaviest = of.entry(&finding.rule).or_insert(0.0);
            *heaviest = heaviest.max(weight(finding));
        }
        let always = units.remove(&None).unwrap_or_default();
        let mut sum = Self {
            accusing: noisy_or(always.values().copied()),
            unit: None,
            hygiene: noisy_or(hygiene.values().copied()),
        };
        for (unit, mut rules) in units {
            for (rule, weight) in &always {
                let heaviest = rules.entry(rule).or_insert(0.0);
                *heaviest = heaviest.max(*weight);
            }
            let together = noisy_or(rules.values().copied());
            if together > sum.accusing {
                sum.accusing = together;
                sum.unit = unit;
            }
        }
        sum
    }

    /// The score.
    pub(crate) fn score(&self) -> f64 {
        let score = self.accusing.max(self.hygiene.min(Scale::HYGIENE_CEILING));
        (score * 1000.0).round() / 1000.0
    }
}

/// What independent weights add up to: each takes its share of what the others leave.
pub(crate) fn noisy_or(weights: impl Iterator<Item = f64>) -> f64 {
    1.0 - weights.fold(1.0, |left, w| left * (1.0 - w))
}

/// The verdict that a score means.
pub(crate) fn verdict(score: f64, thresholds: Thresholds) -> Verdict {
    if score >= thresholds.block {
        Verdict::Block
    } else if score >= thresholds.review {
        Verdict::Review
    } else if score >= thresholds.note {
        Verdict::Note
    } else {
        Verdict::Clear
    }
}
