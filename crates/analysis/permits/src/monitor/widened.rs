//! What a policy of a watched job permits that another did not.

use std::net::IpAddr;

use super::endpoint::is_within;
use super::{Endpoint, Host, Mode, Policy, Scoped, evading};
use crate::widening::{Step, Widening};

/// Everything that `now` permits and `before` did not, in the order of the keys.
pub fn widened(before: &Policy, now: &Policy) -> Vec<Widening> {
    let mut found = Vec::new();
    if before.mode == Mode::Block && now.mode == Mode::Audit {
        let told = "whatever is on no list, which is told and no longer stopped".to_owned();
        found.push(Widening::permission(told, &["mode"]));
    }
    if before.says_who() && !now.says_who() {
        let told = "every host, for no list names any".to_owned();
        found.push(Widening::permission(told, &["allow"]));
    }
    let listed = now.allow.iter().enumerate();
    for (index, endpoint) in listed {
        if !covered(before, None, endpoint) {
            let told = format!("connections to {endpoint}");
            found.push(Widening::permission(told, &["allow"]).nth(index));
        }
    }
    for (at, scoped) in now.only.iter().enumerate() {
        for (index, endpoint) in scoped.allow.iter().enumerate() {
            if !covered(before, Some(scoped), endpoint) {
                let told = format!("connections to {endpoint} {}", who(scoped));
                let mut widening = Widening::permission(told, &["only"]).nth(at).key("allow");
                widening.at.push(Step::Index(index));
                found.push(widening);
            }
        }
    }
    let expected = now.expected.iter().enumerate();
    for (index, program) in expected {
        if !before.expected.iter().any(|own| is_same(own, program)) {
            let told = format!("{program} below a package manager");
            found.push(Widening::permission(told, &["expected"]).nth(index));
        }
    }
    found
}

fn who(scoped: &Scoped) -> String {
    match (&scoped.program, &scoped.step) {
        (Some(program), Some(step)) => format!("for {program} in the step {step}"),
        (Some(program), None) => format!("for {program}"),
        (None, Some(step)) => format!("in the step {step}"),
        (None, None) => "for everybody".to_owned(),
    }
}

/// True if a program that is named so is one that the policy names.
fn is_same(own: &str, other: &str) -> bool {
    own == other || !own.contains('/') && foretaste_behaviour::name(other) == own
}

/// True if whoever an entry is for could reach what it names.
fn covered(before: &Policy, scope: Option<&Scoped>, endpoint: &Endpoint) -> bool {
    if !before.says_who() {
        return !evades(endpoint);
    }
    let theirs = before.only.iter().filter(|own| includes(own, scope));
    let own: Vec<&Endpoint> = theirs
        .flat_map(|own| &own.allow)
        .chain(&before.allow)
        .collect();
    match (&endpoint.host, endpoint.ports()) {
        (Host::Network(network, bits), port) => {
            let fits = |own: &&&Endpoint| {
                own.ports().is_none_or(|ports| {
                    port.is_some_and(|port| port.iter().all(|p| ports.contains(p)))
                })
            };
            let networks: Vec<(IpAddr, u8)> = own
                .iter()
                .filter(fits)
                .filter_map(|own| match own.host {
                    Host::Network(network, bits) => Some((network, bits)),
                    Host::Name(_) | Host::Below(_) => None,
                })
                .collect();
            is_within(*network, *bits, &networks)
        }
        (_, ports) => ports.unwrap_or_default().iter().all(|port| {
            let fits = |own: &&Endpoint| own.ports().is_some_and(|ports| ports.contains(port));
            own.iter()
                .any(|own| fits(own) && names(&own.host, &endpoint.host))
        }),
    }
}

/// True if an entry for some programs and steps is for all of another's.
fn includes(own: &Scoped, scope: Option<&Scoped>) -> bool {
    let Some(scope) = scope else { return false };
    let program = match (&own.program, &scope.program) {
        (None, _) => true,
        (Some(own), Some(other)) => is_same(own, other),
        (Some(_), None) => false,
    };
    program && (own.step.is_none() || own.step == scope.step)
}

/// True if one host stands for all the names of another.
fn names(own: &Host, other: &Host) -> bool {
    let lies_below = |domain: &str, name: &str| {
        name.strip_suffix(domain)
            .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    };
    match (own, other) {
        (Host::Below(own), Host::Below(other)) => own == other || lies_below(own, other),
        (Host::Below(own), Host::Name(other)) => lies_below(own, other),
        (Host::Name(own), Host::Name(other)) => own == other,
        _ => false,
    }
}

/// True for what is told even where no list names anybody: an entry for it hides it.
fn evades(endpoint: &Endpoint) -> bool {
    let by_port = matches!(endpoint.port, Some(53 | 853));
    by_port
        || match &endpoint.host {
            Host::Name(name) => evading::names_resolver(name),
            Host::Below(domain) => {
                let mut all = evading::names().iter();
                evading::names_resolver(domain) || all.any(|name| endpoint.names(name))
            }
            Host::Network(network, bits) => {
                let own = [(*network, *bits)];
                evading::addresses().any(|address| {
                    let width = if address.is_ipv4() { 32 } else { 128 };
                    is_within(address, width, &own)
                })
            }
        }
}
