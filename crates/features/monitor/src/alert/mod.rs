//! What somebody wants to know at once, beyond the rules over behaviour.

pub(crate) mod egress;
pub(crate) mod process;

use foretaste_behaviour::{Access, Action, BehaviourFinding, Record};
use foretaste_model::Verdict;

/// Details of one alert that are kept.
const MAX_DETAILS: usize = 100;

/// Collects the details of one kind of alert.
pub(crate) fn finding(
    rule: &'static str,
    title: &'static str,
    verdict: Verdict,
    found: impl IntoIterator<Item = (String, Option<usize>)>,
) -> Option<BehaviourFinding> {
    let (mut details, mut events): (Vec<String>, Vec<usize>) = (Vec::new(), Vec::new());
    for (detail, event) in found {
        if !details.contains(&detail) && details.len() < MAX_DETAILS {
            details.push(detail);
        }
        events.extend(event);
    }
    (!details.is_empty()).then_some(BehaviourFinding {
        rule,
        verdict,
        title,
        details,
        events,
    })
}

/// What was let through though the policy does not allow it.
pub(crate) fn egress(record: &Record) -> Option<BehaviourFinding> {
    let found = record.events.iter().enumerate().filter_map(|(at, event)| {
        let detail = match &event.action {
            Action::Connection {
                address,
                port,
                protocol,
                host,
                access: Access::Allowed,
                reason: Some(reason),
                ..
            } => {
                let to = host
                    .as_deref()
                    .map_or_else(|| address.clone(), |host| format!("{host} ({address})"));
                format!("{to} port {port}/{protocol}: {reason}")
            }
            Action::Name {
                name,
                kind,
                access: Access::Allowed,
                reason: Some(reason),
                ..
            } => format!("looks up {name} ({kind}): {reason}"),
            _ => return None,
        };
        Some((detail, Some(at)))
    });
    finding(
        "egress-alert",
        "reaches somebody who is not on the allow-list",
        Verdict::Review,
        found,
    )
}
