//! Weights and scores.
//!
//! A finding weighs severity × confidence × context. The score is the noisy-or of the heaviest finding of each
//! accusing rule: monotone (more evidence never lowers it) and explainable (each factor stands in the report).
//! Hygiene findings are risks, not accusations: together they never reach more than [`Scale::HYGIENE_CEILING`].

use std::collections::BTreeMap;

use foretaste_model::{Confidence, ExecutionContext, Finding, RuleGroup, Severity, Verdict};
use foretaste_policy::Thresholds;

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
            Some(ExecutionContext::Called) => 0.60,
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

/// The weight of a finding.
pub fn weight(finding: &Finding) -> f64 {
    if finding.waived.is_some() {
        return 0.0;
    }
    let product = Scale::severity(finding.severity)
        * Scale::confidence(finding.confidence)
        * Scale::context(finding.context, finding.confidence);
    (product * 1000.0).round() / 1000.0
}

/// The score of a set of findings, each with the group of its rule.
pub(crate) fn score<'a>(findings: impl IntoIterator<Item = (&'a Finding, RuleGroup)>) -> f64 {
    let mut heaviest: BTreeMap<&str, (f64, RuleGroup)> = BTreeMap::new();
    for (finding, group) in findings {
        let entry = heaviest.entry(&finding.rule).or_insert((0.0, group));
        entry.0 = entry.0.max(finding.weight);
    }
    let sum = |hygiene: bool| {
        noisy_or(
            heaviest
                .values()
                .filter(|(_, g)| (*g == RuleGroup::Hygiene) == hygiene)
                .map(|(w, _)| *w),
        )
    };
    let score = sum(false).max(sum(true).min(Scale::HYGIENE_CEILING));
    (score * 1000.0).round() / 1000.0
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
