//! What the content of a package makes of its name.
//!
//! Distance from a popular name only nominates: forks and plug-ins are named so, too. What the package does decides. A
//! borrowed name and a chain that alone asks for a review are not two accidents of one package, so that the name then weighs
//! what its rule declares, not what it weighs unseen.

use foretaste_model::{Finding, RuleGroup, RuleMeta, Severity};

use crate::score;

/// The content that alone is worth a look.
const SUSPICIOUS: f64 = 0.37;

/// Raises nominations by name to their rule's severity if the content bears them out. Weights must be set; those of raised
/// findings are set anew.
///
/// What is known of the package for long speaks for it: a finding that weighs as information stays one.
pub(crate) fn raise_names<'a>(
    findings: &mut [Finding],
    rule: impl Fn(&str) -> Option<&'a RuleMeta>,
    is_settled: impl Fn(&str) -> bool,
) {
    let group = |f: &Finding| rule(&f.rule).map_or(RuleGroup::Hygiene, |r| r.group);
    let of_content = findings
        .iter()
        .map(|f| (f, group(f)))
        .filter(|(_, group)| speaks_of_content(*group));
    if score::Sum::of(of_content).score() < SUSPICIOUS {
        return;
    }
    for finding in findings {
        let Some(meta) = rule(&finding.rule).filter(|r| r.group == RuleGroup::Name) else {
            continue;
        };
        if finding.severity >= Severity::Medium
            && finding.severity < meta.severity
            && !is_settled(&finding.rule)
        {
            finding.severity = meta.severity;
            finding.message = format!("{}, and its content is suspicious", finding.message).into();
            finding.weight = score::weight(finding);
        }
    }
}

/// Groups whose rules judge what a package does, not who published it, when, or under what circumstances.
const fn speaks_of_content(group: RuleGroup) -> bool {
    matches!(
        group,
        RuleGroup::Chain | RuleGroup::Install | RuleGroup::Obfuscation | RuleGroup::Clone
    )
}
