//! The smallest policy that lets a run do again what it did.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use foretaste_behaviour::{Access, Action};

use crate::policy::Policy;
use crate::policy::hosts::HostPattern;
use crate::supervisor::Finished;

/// Writes the policy as TOML: the hosts that were reached, and nothing else. Those of the preset's registry belong to it.
pub fn policy(finished: &Finished, command: &[std::ffi::OsString], policy: &Policy) -> String {
    let registries = &policy.network.registries.hosts;
    let is_registry =
        |host: &str, port: u16| registries.iter().any(|pattern| pattern.allows(host, port));
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
            } if !is_registry(host, *port) => Some(HostPattern::exact(host, Some(*port))),
            _ => None,
        })
        .collect();
    let command: Vec<_> = command
        .iter()
        .map(|word| foretaste_report::escape::visible(&word.to_string_lossy()))
        .collect();
    let preset = policy.preset.map_or_else(String::new, |preset| {
        format!("preset = \"{}\"\n\n", preset.name())
    });
    let mut text = format!(
        "# What `{}` needs, as one run of it showed. Review before use.\n\n{preset}[network]\nallow = [",
        command.join(" ")
    );
    for host in &hosts {
        let _ = write!(text, "\n    {},", toml::Value::from(host.to_string()));
    }
    text + if hosts.is_empty() { "]\n" } else { "\n]\n" }
}
