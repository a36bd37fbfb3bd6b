//! Whether somebody may be reached.

use std::net::IpAddr;

use crate::policy::{Policy, Who};

/// Public resolvers that answer over HTTPS or TLS, by address.
const ENCRYPTED_RESOLVERS: &[&str] = &[
    "1.1.1.1",
    "1.0.0.1",
    "1.1.1.2",
    "1.1.1.3",
    "8.8.8.8",
    "8.8.4.4",
    "9.9.9.9",
    "9.9.9.10",
    "9.9.9.11",
    "149.112.112.112",
    "94.140.14.14",
    "94.140.15.15",
    "208.67.222.222",
    "208.67.220.220",
    "185.228.168.168",
    "76.76.2.0",
    "76.76.10.0",
    "194.242.2.2",
    "2606:4700:4700::1111",
    "2606:4700:4700::1001",
    "2001:4860:4860::8888",
    "2001:4860:4860::8844",
    "2620:fe::fe",
    "2620:fe::9",
];
/// Names of such resolvers.
const ENCRYPTED_NAMES: &[&str] = &[
    "dns.google",
    "cloudflare-dns.com",
    "one.one.one.one",
    "quad9.net",
    "opendns.com",
    "nextdns.io",
    "adguard-dns.com",
    "controld.com",
    "mullvad.net",
    "doh.li",
    "dns.sb",
];
/// The metadata services of clouds.
const METADATA: &[&str] = &[
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "fd00:ec2::254",
];

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
    let text = address.to_string();
    if is_metadata(address) {
        return Some("the cloud's metadata service".to_owned());
    }
    if egress.port == 53 {
        return (!resolvers.contains(&address))
            .then(|| "a name server that this machine is not configured to use".to_owned());
    }
    let is_resolver = ENCRYPTED_RESOLVERS.contains(&text.as_str())
        || egress.names.iter().any(|name| names_resolver(name));
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

fn names_resolver(name: &str) -> bool {
    ENCRYPTED_NAMES.iter().any(|known| {
        name.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// True for addresses of a cloud's metadata service.
pub(crate) fn is_metadata(address: IpAddr) -> bool {
    METADATA.contains(&address.to_canonical().to_string().as_str())
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
