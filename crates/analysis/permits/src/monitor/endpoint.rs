//! One entry of an allow-list: `host`, `*.domain`, `address`, `network/bits`, each with `:port` or without.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Endpoint {
    /// Who.
    pub host: Host,
    /// One port; none means those of HTTP and HTTPS for names, every port for addresses and networks.
    pub port: Option<u16>,
}

/// Who may be reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// One name, in lower case.
    Name(String),
    /// Every name below a domain, not the domain itself.
    Below(String),
    /// A network: its address with the bits behind the prefix 0, and the length of the prefix.
    Network(IpAddr, u8),
}

impl Endpoint {
    /// The ports that it allows; none means every port.
    pub fn ports(&self) -> Option<&[u16]> {
        match (&self.port, &self.host) {
            (Some(port), _) => Some(std::slice::from_ref(port)),
            (None, Host::Network(..)) => None,
            (None, Host::Name(_) | Host::Below(_)) => Some(&[80, 443]),
        }
    }

    /// True if the entry allows this address under this name.
    pub fn allows(&self, name: Option<&str>, address: IpAddr, port: u16) -> bool {
        self.ports().is_none_or(|ports| ports.contains(&port))
            && match &self.host {
                Host::Network(network, bits) => contains(*network, *bits, address),
                Host::Name(_) | Host::Below(_) => name.is_some_and(|name| self.names(name)),
            }
    }

    /// True if the entry allows this name, on whichever port.
    pub fn names(&self, name: &str) -> bool {
        match &self.host {
            Host::Name(own) => own == name,
            Host::Below(domain) => name
                .strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
            Host::Network(..) => false,
        }
    }
}

/// True if every address of a network is in one of these.
pub(super) fn is_within(network: IpAddr, bits: u8, of: &[(IpAddr, u8)]) -> bool {
    let (network, bits) = canonical(network, bits);
    let of: Vec<_> = of
        .iter()
        .map(|(own, bits)| canonical(*own, *bits))
        .collect();
    within(network, bits, &of)
}

/// An IPv4 network that is written for IPv6 is one of IPv4.
fn canonical(network: IpAddr, bits: u8) -> (IpAddr, u8) {
    match (network.to_canonical(), network) {
        (four @ IpAddr::V4(_), IpAddr::V6(_)) if bits >= 96 => (four, bits - 96),
        _ => (network, bits),
    }
}

fn within(network: IpAddr, bits: u8, of: &[(IpAddr, u8)]) -> bool {
    let has =
        |(own, own_bits): &(IpAddr, u8)| *own_bits <= bits && contains(*own, *own_bits, network);
    if of.iter().any(has) {
        return true;
    }
    // no part of it is in any, or all of it may be in several
    let holds = |(own, own_bits): &&(IpAddr, u8)| *own_bits > bits && contains(network, bits, *own);
    let parts: Vec<_> = of.iter().filter(holds).copied().collect();
    let (value, most) = bits_of(network);
    if parts.len() < 2 || bits >= most {
        return false;
    }
    let second = value | 1 << (127 - u32::from(bits));
    within(network, bits + 1, &parts) && within(address_of(second, most), bits + 1, &parts)
}

fn address_of(value: u128, family: u8) -> IpAddr {
    if family == 32 {
        IpAddr::V4(Ipv4Addr::from((value >> 96) as u32))
    } else {
        IpAddr::V6(Ipv6Addr::from(value))
    }
}

fn bits_of(address: IpAddr) -> (u128, u8) {
    match address {
        IpAddr::V4(four) => (u128::from(u32::from(four)) << 96, 32),
        IpAddr::V6(six) => (u128::from(six), 128),
    }
}

fn contains(network: IpAddr, bits: u8, address: IpAddr) -> bool {
    let address = match (network, address) {
        // the same place, written for the other family
        (IpAddr::V4(_), IpAddr::V6(_)) => address.to_canonical(),
        _ => address,
    };
    let ((own, family), (other, other_family)) = (bits_of(network), bits_of(address));
    family == other_family && masked(own, bits) == masked(other, bits)
}

fn masked(address: u128, bits: u8) -> u128 {
    match bits {
        0 => 0,
        bits => address & (u128::MAX << (128 - u32::from(bits))),
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why: &str| format!("`{text}` is no endpoint: {why}");
        if text.contains("//") {
            return Err(wrong("give the host alone, without scheme and path"));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                let port: u16 = port.parse().map_err(|_| {
                    wrong(
                        "the port is no number; leave it away for every port of an address, or for 80 and 443 of a name",
                    )
                })?;
                if port == 0 {
                    return Err(wrong("port 0 is none; leave it away for the usual ones"));
                }
                (host, Some(port))
            }
            _ => (text, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if let Some((address, bits)) = host.split_once('/') {
            let address: IpAddr = address
                .trim_end_matches(']')
                .parse()
                .map_err(|_| wrong("the network is no address"))?;
            let (value, most) = bits_of(address);
            let bits: u8 = bits
                .parse()
                .ok()
                .filter(|bits| *bits <= most)
                .ok_or_else(|| wrong("the length of the prefix is none"))?;
            return Ok(Self {
                host: Host::Network(address_of(masked(value, bits), most), bits),
                port,
            });
        }
        if let Ok(address) = host.parse::<IpAddr>() {
            return Ok(Self {
                host: Host::Network(address, bits_of(address).1),
                port,
            });
        }
        let name = host.trim_end_matches('.').to_ascii_lowercase();
        let (name, below) = name
            .strip_prefix("*.")
            .map_or((name.as_str(), false), |rest| (rest, true));
        let is_name = !name.is_empty()
            && name.split('.').all(|label| {
                (1..64).contains(&label.len())
                    && label
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            });
        if !is_name {
            return Err(wrong(
                "a name, `*.domain`, an address or a network is expected",
            ));
        }
        if below && !name.contains('.') {
            return Err(wrong("it would allow a whole top-level domain"));
        }
        let host = if below {
            Host::Below(name.to_owned())
        } else {
            Host::Name(name.to_owned())
        };
        Ok(Self { host, port })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match &self.host {
            Host::Name(name) => name.clone(),
            Host::Below(domain) => format!("*.{domain}"),
            Host::Network(address, bits) if *bits == bits_of(*address).1 => address.to_string(),
            Host::Network(address, bits) => format!("{address}/{bits}"),
        };
        match self.port {
            Some(port) if host.contains(':') => write!(f, "[{host}]:{port}"),
            Some(port) => write!(f, "{host}:{port}"),
            None => f.write_str(&host),
        }
    }
}

impl TryFrom<String> for Endpoint {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Endpoint> for String {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(entry: &str, name: Option<&str>, address: &str, port: u16) -> bool {
        let entry: Endpoint = entry.parse().expect(entry);
        entry.allows(name, address.parse().expect(address), port)
    }

    #[test]
    fn names_allow_what_they_resolve_to_on_the_web_ports() {
        assert!(allows(
            "Files.Example",
            Some("files.example"),
            "192.0.2.1",
            443
        ));
        assert!(!allows(
            "files.example",
            Some("files.example"),
            "192.0.2.1",
            22
        ));
        assert!(!allows("files.example", None, "192.0.2.1", 443));
        assert!(allows(
            "files.example:22",
            Some("files.example"),
            "192.0.2.1",
            22
        ));
        assert!(allows(
            "*.files.example",
            Some("a.files.example"),
            "192.0.2.1",
            443
        ));
        assert!(!allows(
            "*.files.example",
            Some("evilfiles.example"),
            "192.0.2.1",
            443
        ));
        assert!(!allows(
            "*.files.example",
            Some("files.example"),
            "192.0.2.1",
            443
        ));
    }

    #[test]
    fn networks_allow_by_address_in_either_spelling() {
        assert!(allows("10.0.0.0/8", None, "10.1.2.3", 5432));
        assert!(allows("10.0.0.0/8", None, "::ffff:10.1.2.3", 5432));
        assert!(!allows("10.0.0.0/8:443", None, "10.1.2.3", 5432));
        assert!(!allows("10.0.0.0/8", Some("a.example"), "11.0.0.1", 443));
        assert!(allows("[2001:db8::]:443", None, "2001:db8::", 443));
        assert!(allows("2001:db8::/32", None, "2001:db8:1::7", 1));
        assert!(!allows("0.0.0.0/0", None, "2001:db8::1", 443));
    }

    #[test]
    fn what_is_no_endpoint_is_refused_and_the_rest_prints_as_it_is_read() {
        for text in [
            "",
            "*",
            "*.example",
            "https://a.example",
            "a b",
            "10.0.0.0/33",
            "a.example:x",
            "a.example:0",
            "10.0.0.0/8:0",
            "a..b",
            "-:",
        ] {
            assert!(text.parse::<Endpoint>().is_err(), "{text}");
        }
        for text in [
            "a.example",
            "*.a.example:8443",
            "10.0.0.0/8",
            "127.0.0.1:80",
            "[::1]:80",
            "2001:db8::/32",
            "[2001:db8::/32]:443",
        ] {
            assert_eq!(text.parse::<Endpoint>().expect(text).to_string(), text);
        }
    }
}
