//! Findings over behaviour as findings of a report.

use foretaste_behaviour::BehaviourFinding;
use foretaste_model::{Evidence, ExecutionContext, Finding};
use foretaste_report::escape::visible;

use crate::rulebook::Rulebook;

/// Details of one finding that become evidence.
const MAX_DETAILS: usize = 10;

/// When something was seen, as a context of the report and as the end of a sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct When {
    /// For the weight.
    pub(crate) context: Option<ExecutionContext>,
    /// Behind the rule's title.
    pub(crate) words: &'static str,
}

/// One finding. `by` tells who did it, in our words.
pub(crate) fn finding(
    of: &BehaviourFinding,
    when: When,
    by: Option<String>,
    rulebook: &Rulebook,
) -> Option<Finding> {
    let meta = rulebook.meta(of.rule)?;
    let mut finding = Finding::new(meta, format!("{}{}", of.title, when.words));
    finding.context = when.context;
    for detail in of.details.iter().take(MAX_DETAILS) {
        finding = finding.evidence(Evidence::statement(visible(detail)));
    }
    finding.evidence.extend(by.map(Evidence::statement));
    Some(finding)
}
