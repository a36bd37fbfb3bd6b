//! What a rule says of a run.

use foretaste_model::Verdict;
use schemars::JsonSchema;
use serde::Serialize;

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct BehaviourFinding {
    /// The rule's id.
    pub rule: &'static str,
    /// What to do about it.
    pub verdict: Verdict,
    /// What happened, in words.
    pub title: &'static str,
    /// The details that decided it, one line each.
    pub details: Vec<String>,
    /// The events.
    pub events: Vec<usize>,
}

/// The verdict over a run: the heaviest finding, and `incomplete` where the record has gaps and nothing is worse.
pub fn verdict(findings: &[BehaviourFinding], is_complete: bool) -> Verdict {
    let heaviest = findings
        .iter()
        .map(|finding| finding.verdict)
        .max()
        .unwrap_or_default();
    if is_complete {
        heaviest
    } else {
        heaviest.max(Verdict::Incomplete)
    }
}
