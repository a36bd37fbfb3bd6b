//! The one thing to do next.

use foretaste_model::{Finding, Verdict};

/// What the reader should do, from the heaviest finding that knows, or from the verdict.
pub(crate) fn advice(verdict: Verdict, findings: &[Finding], name: &str) -> Option<Box<str>> {
    if verdict < Verdict::Incomplete {
        return None;
    }
    let known = findings
        .iter()
        .filter(|f| f.waived.is_none())
        .find_map(|f| f.remedy.clone());
    let general = match verdict {
        Verdict::Block => format!(
            "do not install {name}; if it was installed, treat that machine's secrets as stolen"
        ),
        Verdict::Review => format!(
            "look at the findings before you use {name}; waive what you accept, with a reason"
        ),
        _ => return known,
    };
    let accuses = findings.first().is_some_and(|f| f.context.is_some());
    if accuses {
        Some(general.into())
    } else {
        known.or_else(|| Some(general.into()))
    }
}
