//! The smallest policy that lets a job do again what it did.

use std::net::IpAddr;

use foretaste_behaviour::{Action, Event};
use serde::Deserialize;
use thiserror::Error;

use super::sorted;
use crate::alert::egress::is_here;
use crate::policy::{Endpoint, Host, Policy};

/// A report that nothing can be learned from.
#[derive(Debug, Error)]
#[error(
    "this is no report of the monitor: {0}\n  hint: `foretaste monitor run --format json --output report.json -- COMMAND` writes one"
)]
pub struct LearnError(#[from] serde_json::Error);

#[derive(Deserialize)]
struct Seen {
    events: Vec<Event>,
}

/// Reads a report in JSON. What was stopped is learned too: whoever reviews the list decides.
///
/// # Errors
/// It is none.
pub fn learned(report: &str) -> Result<Policy, LearnError> {
    let seen: Seen = serde_json::from_str(report)?;
    let endpoints = seen.events.into_iter().filter_map(|event| {
        let Action::Connection {
            address,
            port,
            protocol,
            host,
            ..
        } = event.action
        else {
            return None;
        };
        let address: IpAddr = address.parse().ok()?;
        // names are looked up by other means, and protocols without ports have no entry
        if is_here(address)
            || port == 53
            || port == 0
            || !matches!(protocol.as_str(), "tcp" | "udp")
        {
            return None;
        }
        let host = match host {
            Some(name) => Host::Name(name),
            None => Host::Network(address, if address.is_ipv4() { 32 } else { 128 }),
        };
        Some(Endpoint {
            port: Some(port),
            host,
        })
    });
    Ok(Policy {
        allow: sorted(endpoints),
        ..Policy::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_were_reached_are_learned_and_this_machine_is_not() {
        let event = |address: &str, port: u16, host: &str| {
            format!(
                r#"{{"time":1,"event":"connection","address":"{address}","port":{port},"protocol":"tcp","host":{host},"access":"allowed","sent":0,"received":0}}"#
            )
        };
        let report = format!(
            r#"{{"events":[{{"time":0,"event":"exec"}},{},{},{},{}]}}"#,
            event("192.0.2.1", 443, r#""files.example""#),
            event("192.0.2.2", 443, r#""files.example""#),
            event("127.0.0.1", 80, "null"),
            event("192.0.2.9", 5432, "null"),
        );
        let policy = learned(&report).expect("a report");
        let shown: Vec<String> = policy.allow.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["files.example:443", "192.0.2.9:5432"]);
        assert!(learned("{}").is_err());
    }
}
