//! What somebody wants to know at once, beyond the rules over behaviour.

pub(crate) mod egress;
pub(crate) mod process;

use std::collections::HashMap;

use foretaste_behaviour::{Access, Action, BehaviourFinding, Record};
use foretaste_model::Verdict;

/// Details of one alert that are kept.
const MAX_DETAILS: usize = 100;
/// What is told of one host.
const MAX_ACTS: usize = 10;

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

/// What was let through though the policy does not allow it: a line for each host and reason, with what was done there.
pub(crate) fn egress(record: &Record) -> Option<BehaviourFinding> {
    let mut told: Vec<Told<'_>> = Vec::new();
    let mut places: HashMap<(&str, &str), usize> = HashMap::new();
    let mut events = Vec::new();
    for (at, event) in record.events.iter().enumerate() {
        let (host, reason, act) = match &event.action {
            Action::Connection {
                address,
                port,
                protocol,
                host,
                access: Access::Allowed,
                reason: Some(reason),
                ..
            } => {
                let act = match host {
                    Some(_) => format!("{port}/{protocol} at {address}"),
                    None => format!("{port}/{protocol}"),
                };
                (host.as_ref().unwrap_or(address), reason, act)
            }
            Action::Name {
                name,
                kind,
                access: Access::Allowed,
                reason: Some(reason),
                ..
            } => {
                let act = match kind.as_str() {
                    "A" | "AAAA" => "looked up".to_owned(),
                    kind => format!("looked up ({kind})"),
                };
                (name, reason, act)
            }
            _ => continue,
        };
        events.push(at);
        let place = *places.entry((host, reason)).or_insert(told.len());
        if place == told.len() {
            told.push(Told {
                host,
                reason,
                acts: Vec::new(),
            });
        }
        if let Some(told) = told.get_mut(place)
            && told.acts.len() < MAX_ACTS
            && !told.acts.contains(&act)
        {
            told.acts.push(act);
        }
    }
    let details: Vec<String> = told.iter().take(MAX_DETAILS).map(Told::line).collect();
    (!details.is_empty()).then_some(BehaviourFinding {
        rule: "egress-alert",
        verdict: Verdict::Review,
        title: "reaches somebody who is not on the allow-list",
        details,
        events,
    })
}

/// What is told of one host.
struct Told<'r> {
    host: &'r str,
    reason: &'r str,
    acts: Vec<String>,
}

impl Told<'_> {
    /// `collect.example: looked up, 443/tcp at 192.0.2.1: not on the allow-list`
    fn line(&self) -> String {
        format!("{}: {}: {}", self.host, self.acts.join(", "), self.reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_host_everything_that_was_done_stands_in_one_line() {
        let mut record = Record::default();
        let why = || Some("not on the allow-list".to_owned());
        let name = |name: &str, kind: &str| Action::Name {
            name: name.to_owned(),
            kind: kind.to_owned(),
            resolver: String::new(),
            access: Access::Allowed,
            reason: why(),
        };
        let connection = |host: Option<&str>, reason| Action::Connection {
            protocol: "tcp".to_owned(),
            host: host.map(str::to_owned),
            access: Access::Allowed,
            reason,
            address: "192.0.2.1".to_owned(),
            port: 443,
            sent: 0,
            received: 0,
        };
        for action in [
            name("files.example", "A"),
            name("files.example", "AAAA"),
            name("files.example", "TXT"),
            connection(Some("files.example"), why()),
            connection(Some("files.example"), None),
            name("collect.example", "A"),
            connection(None, why()),
        ] {
            record.add(0, None, action);
        }
        let finding = egress(&record).expect("a finding");
        assert_eq!(
            finding.details,
            [
                "files.example: looked up, looked up (TXT), 443/tcp at 192.0.2.1: not on the allow-list",
                "collect.example: looked up: not on the allow-list",
                "192.0.2.1: 443/tcp: not on the allow-list",
            ]
        );
        assert_eq!(finding.events, [0, 1, 2, 3, 5, 6]);
    }
}
