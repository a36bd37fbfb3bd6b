//! Whether a connection goes through: one function of what is known about it.

use std::net::IpAddr;

use crate::policy::hosts::HostPattern;

/// What is known of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt<'a> {
    /// Where it was meant to go.
    pub(super) address: IpAddr,
    pub(super) port: u16,
    /// The name that the address was given out for.
    pub(super) name: Option<&'a str>,
    /// What the connection says about itself.
    pub(super) claim: Claim<'a>,
}

/// What a connection says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim<'a> {
    /// TLS, for this server.
    Tls {
        name: Option<&'a str>,
        is_encrypted: bool,
    },
    /// Plain HTTP, for this host.
    Http { host: Option<&'a str> },
    /// Another protocol.
    Other,
}

/// The answer: the host to connect to, or why not.
pub(super) fn decide(
    attempt: &Attempt<'_>,
    allowed: &[HostPattern],
    learn: bool,
) -> Result<String, String> {
    let Attempt {
        address,
        port,
        name,
        claim,
    } = *attempt;
    let literal = address.to_string();
    if is_metadata(address) {
        return Err("the cloud's metadata service".to_owned());
    }
    let by_address = allowed
        .iter()
        .any(|p| p.address() == Some(address) && p.allows(&literal, port));
    let Some(name) = name.or_else(|| by_address.then_some(literal.as_str())) else {
        return Err("an address without a name; connections go by name".to_owned());
    };
    match claim {
        Claim::Tls {
            is_encrypted: true, ..
        } => return Err("the server's name is hidden (ECH)".to_owned()),
        Claim::Tls { name: None, .. } if !by_address => {
            return Err("TLS that names no server".to_owned());
        }
        Claim::Http { host: None } => {
            return Err("a request that names no host, or several".to_owned());
        }
        Claim::Tls {
            name: Some(claimed),
            ..
        }
        | Claim::Http {
            host: Some(claimed),
        } if claimed != name => {
            return Err(format!(
                "it says that it is for {claimed}, the address was given out for {name}"
            ));
        }
        Claim::Other if [80, 443].contains(&port) => return Err("neither TLS nor HTTP".to_owned()),
        _ => {}
    }
    if learn || allowed.iter().any(|pattern| pattern.allows(name, port)) {
        return Ok(name.to_owned());
    }
    Err("not a host that the policy allows".to_owned())
}

/// True for addresses at which clouds tell machines their secrets.
pub(super) fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            v4.is_link_local()
                || v4.octets() == [100, 100, 100, 200]
                || v4.octets() == [168, 63, 129, 16]
        }
        IpAddr::V6(v6) => {
            v6.segments() == [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] || v6.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_it(
        address: &str,
        port: u16,
        name: Option<&str>,
        claim: Claim<'_>,
    ) -> Result<String, String> {
        let allowed: Vec<HostPattern> =
            ["a.example", "b.example", "127.0.0.1:8080", "c.example:9418"]
                .iter()
                .map(|p| p.parse().expect("a host"))
                .collect();
        decide(
            &Attempt {
                address: address.parse().expect("an address"),
                port,
                name,
                claim,
            },
            &allowed,
            false,
        )
    }

    fn tls(name: &str) -> Claim<'_> {
        Claim::Tls {
            name: Some(name),
            is_encrypted: false,
        }
    }

    #[test]
    fn names_that_agree_go_through() {
        assert_eq!(
            try_it("198.18.1.0", 443, Some("a.example"), tls("a.example")).as_deref(),
            Ok("a.example")
        );
        let http = Claim::Http {
            host: Some("a.example"),
        };
        assert_eq!(
            try_it("198.18.1.0", 80, Some("a.example"), http).as_deref(),
            Ok("a.example")
        );
        let http = Claim::Http {
            host: Some("127.0.0.1"),
        };
        assert_eq!(
            try_it("127.0.0.1", 8080, None, http).as_deref(),
            Ok("127.0.0.1")
        );
        assert_eq!(
            try_it("198.18.1.2", 9418, Some("c.example"), Claim::Other).as_deref(),
            Ok("c.example")
        );
    }

    #[test]
    fn everything_else_is_refused_with_its_reason() {
        let hidden = Claim::Tls {
            name: Some("a.example"),
            is_encrypted: true,
        };
        let silent = Claim::Tls {
            name: None,
            is_encrypted: false,
        };
        for (address, port, name, claim, reason) in [
            ("1.2.3.4", 443, None, tls("a.example"), "without a name"),
            (
                "198.18.1.0",
                443,
                Some("a.example"),
                tls("b.example"),
                "given out for a.example",
            ),
            ("198.18.1.0", 443, Some("a.example"), hidden, "hidden"),
            (
                "198.18.1.0",
                443,
                Some("a.example"),
                silent,
                "names no server",
            ),
            (
                "198.18.1.0",
                443,
                Some("a.example"),
                Claim::Other,
                "neither",
            ),
            (
                "198.18.1.0",
                80,
                Some("a.example"),
                Claim::Http { host: None },
                "names no host",
            ),
            (
                "198.18.1.0",
                80,
                Some("a.example"),
                Claim::Http {
                    host: Some("b.example"),
                },
                "given out for",
            ),
            (
                "198.18.1.9",
                443,
                Some("evil.example"),
                tls("evil.example"),
                "policy",
            ),
            (
                "198.18.1.0",
                8080,
                Some("a.example"),
                tls("a.example"),
                "policy",
            ),
            (
                "169.254.169.254",
                80,
                None,
                Claim::Http {
                    host: Some("169.254.169.254"),
                },
                "metadata",
            ),
            ("fd00:ec2::254", 80, None, Claim::Other, "metadata"),
            (
                "127.0.0.1",
                80,
                None,
                Claim::Http {
                    host: Some("127.0.0.1"),
                },
                "without a name",
            ),
        ] {
            let refused = try_it(address, port, name, claim).expect_err(reason);
            assert!(refused.contains(reason), "{refused} lacks {reason}");
        }
    }
}
