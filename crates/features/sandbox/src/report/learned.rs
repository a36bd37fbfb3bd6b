//! The smallest policy that lets a run do again what it did.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use foretaste_behaviour::{Access, Action};

use crate::policy::hosts::HostPattern;
use crate::supervisor::Finished;

/// Writes the policy as TOML: the hosts that were reached, and nothing else.
pub fn policy(finished: &Finished, command: &[std::ffi::OsString]) -> String {
    let hosts: BTreeSet<HostPattern> = finished
        .record
        .events
        .iter()
        .filter_map(|event| match &event.action {
            Action::Connection {
                host: Some(host),
                port,
                access: Access::Allowed,
                ..
            } => Some(HostPattern::exact(host, Some(*port))),
            _ => None,
        })
        .collect();
    let command: Vec<_> = command
        .iter()
        .map(|word| foretaste_report::escape::visible(&word.to_string_lossy()))
        .collect();
    let mut text = format!(
        "# What `{}` needs, as one run of it showed. Review before use.\n\n[network]\nallow = [",
        command.join(" ")
    );
    for host in &hosts {
        let _ = write!(text, "\n    {},", toml::Value::from(host.to_string()));
    }
    text + if hosts.is_empty() { "]\n" } else { "\n]\n" }
}
