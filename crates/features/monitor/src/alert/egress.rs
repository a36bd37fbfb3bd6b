//! Whether somebody may be reached.

use std::net::IpAddr;

pub(crate) use crate::policy::evading::is_metadata;
use crate::policy::evading::{is_resolver, names_resolver};
use crate::policy::{Policy, Who};

/// A connection as far as it matters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Egress<'a> {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
    pub(crate) protocol: &'a str,
    /// The names that the address was given out for.
    pub(crate) names: &'a [&'a str],
}

/// Why a connection is not as the policy says; none if it is, or if there is no policy about that.
pub(crate) fn reason(
    egress: Egress<'_>,
    who: Who<'_>,
    policy: &Policy,
    resolvers: &[IpAddr],
) -> Option<String> {
    let address = egress.address.to_canonical();
    if is_here(address) || policy.allows(who, egress.names, address, egress.port) {
        return None;
    }
    if is_metadata(address) {
        return Some("the cloud's metadata service".to_owned());
    }
    if egress.port == 53 {
        return (!resolvers.contains(&address))
            .then(|| "a name server that this machine is not configured to use".to_owned());
    }
    let is_resolver = is_resolver(address) || egress.names.iter().any(|name| names_resolver(name));
    if egress.port == 853 || is_resolver && egress.port == 443 {
        return Some("names could be looked up there unseen (over TLS, HTTPS or QUIC)".to_owned());
    }
    if !policy.says_who() {
        return None;
    }
    Some(match (egress.names, egress.protocol) {
        ([], "icmp" | "ip") => format!("a protocol without ports ({})", egress.protocol),
        ([], _) => "an address that no name was looked up for, not on the allow-list".to_owned(),
        _ => "not on the allow-list".to_owned(),
    })
}

/// Why a name should not have been asked for.
pub(crate) fn name_reason(name: &str, policy: &Policy) -> Option<String> {
    let is_local = !name.contains('.')
        || [".arpa", ".local", ".localdomain", ".internal"]
            .iter()
            .any(|end| name.ends_with(end));
    if policy.names(name) {
        None
    } else if names_resolver(name) {
        Some("names could be looked up there unseen (over TLS, HTTPS or QUIC)".to_owned())
    } else {
        (policy.says_who() && !is_local).then(|| "not on the allow-list".to_owned())
    }
}

/// True for addresses of this machine.
pub(crate) fn is_here(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified() || address.is_multicast()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: Who<'_> = Who {
        programs: &[],
        step: None,
    };

    fn why(policy: &Policy, address: &str, port: u16, names: &[&str]) -> Option<String> {
        let egress = Egress {
            address: address.parse().expect(address),
            port,
            protocol: "tcp",
            names,
        };
        reason(
            egress,
            NOBODY,
            policy,
            &["192.0.2.53".parse().expect("an address")],
        )
    }

    #[test]
    fn without_a_list_only_what_evades_it_is_told() {
        let policy = Policy::default();
        assert_eq!(why(&policy, "198.51.100.1", 443, &[]), None);
        assert!(why(&policy, "169.254.169.254", 80, &[]).is_some_and(|r| r.contains("metadata")));
        assert!(why(&policy, "1.1.1.1", 443, &[]).is_some_and(|r| r.contains("unseen")));
        assert!(why(&policy, "198.51.100.1", 853, &[]).is_some_and(|r| r.contains("unseen")));
        assert!(why(&policy, "8.8.8.8", 53, &[]).is_some_and(|r| r.contains("name server")));
        assert_eq!(why(&policy, "192.0.2.53", 53, &[]), None);
        assert!(name_reason("mozilla.cloudflare-dns.com", &policy).is_some());
        assert_eq!(name_reason("notquad9.net", &policy), None);
    }

    #[test]
    fn with_a_list_everything_else_is_told() {
        let policy = Policy {
            allow: vec!["files.example".parse().expect("an endpoint")],
            ..Policy::default()
        };
        assert_eq!(why(&policy, "198.51.100.1", 443, &["files.example"]), None);
        assert_eq!(why(&policy, "127.0.0.1", 9, &[]), None);
        let raw = why(&policy, "198.51.100.1", 443, &[]).expect("told");
        assert!(raw.contains("no name"), "{raw}");
        assert!(why(&policy, "::ffff:198.51.100.1", 443, &["evil.example"]).is_some());
    }
}
