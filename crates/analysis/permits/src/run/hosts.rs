//! The allow-list of hosts.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One entry: `host`, `*.domain`, `host:port`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HostPattern {
    /// The name in lower case, or an address, without the `*.`.
    name: String,
    /// True for `*.domain`: every name below it, not the domain itself.
    below: bool,
    /// One port, or those of HTTP and HTTPS.
    port: Option<u16>,
}

impl HostPattern {
    /// An exact name or address with a port.
    pub fn exact(name: &str, port: Option<u16>) -> Self {
        Self {
            name: normal(name),
            below: false,
            port: port.filter(|p| ![80, 443].contains(p)),
        }
    }

    /// True if the entry allows this host.
    pub fn allows(&self, name: &str, port: u16) -> bool {
        let ports = self
            .port
            .map_or([80, 443].contains(&port), |own| own == port);
        ports && self.names(name)
    }

    /// True if the entry allows any port of this host.
    pub fn names(&self, name: &str) -> bool {
        let name = normal(name);
        if self.below {
            name.strip_suffix(&self.name)
                .is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
        } else {
            name == self.name
        }
    }

    /// True if the entry allows everything that another does.
    pub fn covers(&self, other: &Self) -> bool {
        let names = if other.below {
            self.below && (self.name == other.name || self.names(&other.name))
        } else {
            self.names(&other.name)
        };
        names && self.port == other.port
    }

    /// The address, if the entry is one. Only such an entry allows an address that is private or this machine's.
    pub fn address(&self) -> Option<IpAddr> {
        self.name.parse().ok()
    }

    /// The port, if it is not one of HTTP and HTTPS.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }
}

/// Lower case, without the root's dot.
pub fn normal(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |why: &str| format!("`{text}` is no host: {why}");
        if text.contains("//") || text.contains('/') {
            return Err(wrong("give the name alone, without scheme and path"));
        }
        let (name, port) = match text.rsplit_once(':') {
            Some((name, port)) if !name.contains(':') || name.starts_with('[') => (
                name,
                Some(
                    port.parse::<u16>()
                        .map_err(|_| wrong("the port is no number"))?,
                ),
            ),
            _ => (text, None),
        };
        let name = normal(name.trim_start_matches('[').trim_end_matches(']'));
        let (name, below) = name
            .strip_prefix("*.")
            .map_or((name.clone(), false), |rest| (rest.to_owned(), true));
        let is_name = !name.is_empty()
            && name.split('.').all(|label| {
                !label.is_empty()
                    && label.len() < 64
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            });
        if !is_name && name.parse::<IpAddr>().is_err() {
            return Err(wrong(
                "a name such as `files.example`, `*.files.example` or `127.0.0.1:8080` is expected",
            ));
        }
        if below && !name.contains('.') {
            return Err(wrong("it would allow a whole top-level domain"));
        }
        Ok(Self {
            name,
            below,
            port: port.filter(|p| ![80, 443].contains(p)),
        })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.below { "*." } else { "" };
        match (self.port, self.name.contains(':')) {
            (Some(port), true) => write!(f, "[{}]:{port}", self.name),
            (Some(port), false) => write!(f, "{star}{}:{port}", self.name),
            (None, _) => write!(f, "{star}{}", self.name),
        }
    }
}

impl TryFrom<String> for HostPattern {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<HostPattern> for String {
    fn from(pattern: HostPattern) -> Self {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(pattern: &str, name: &str, port: u16) -> bool {
        pattern
            .parse::<HostPattern>()
            .expect(pattern)
            .allows(name, port)
    }

    #[test]
    fn exact_names_allow_themselves_on_the_web_ports() {
        assert!(allows("Files.Example", "files.example.", 443));
        assert!(allows("files.example", "files.example", 80));
        assert!(!allows("files.example", "files.example", 22));
        assert!(!allows("files.example", "a.files.example", 443));
        assert!(!allows("files.example", "evilfiles.example", 443));
    }

    #[test]
    fn wildcards_allow_what_is_below() {
        assert!(allows("*.files.example", "a.b.files.example", 443));
        assert!(!allows("*.files.example", "files.example", 443));
        assert!(!allows("*.files.example", ".files.example", 443));
        assert!(!allows("*.files.example", "evilfiles.example", 443));
    }

    #[test]
    fn ports_and_addresses() {
        assert!(allows("127.0.0.1:8080", "127.0.0.1", 8080));
        assert!(!allows("127.0.0.1:8080", "127.0.0.1", 80));
        assert!(allows("[::1]:8080", "::1", 8080));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "*",
            "*.example",
            "https://a.example",
            "a.example/x",
            "a b",
            "a.example:x",
            "-:",
            "a..b",
        ] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["a.example", "*.a.example", "127.0.0.1:8080", "[::1]:8080"] {
            assert_eq!(text.parse::<HostPattern>().expect(text).to_string(), text);
        }
    }
}
