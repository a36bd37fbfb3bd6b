//! Which hosts a client may reach: a server that others feed must not be led to addresses inside its own network.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::outbound::is_public;

/// Hosts that may lie in a private network. Every other one has to lie in the public one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    trusted: BTreeSet<(String, u16)>,
    names: BTreeSet<String>,
}

impl Reach {
    /// Trusts the host and port of each URL, wherever it lies.
    pub fn trusting<'a>(urls: impl IntoIterator<Item = &'a Url>) -> Self {
        let mut reach = Self::default();
        for url in urls {
            if let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) {
                reach.trusted.insert((host.to_owned(), port));
                reach.names.insert(host.to_owned());
            }
        }
        reach
    }

    /// Why a URL may not be fetched, as far as it can be told before its name is resolved.
    pub(super) fn objection(&self, url: &Url) -> Option<String> {
        let host = url.host_str()?;
        let port = url.port_or_known_default()?;
        if self.trusted.contains(&(host.to_owned(), port)) {
            return None;
        }
        let private = match url.host()? {
            Host::Ipv4(ip) => !is_public(ip.into()),
            Host::Ipv6(ip) => !is_public(ip.into()),
            Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
        };
        private.then(|| {
            format!("{host}:{port} lies in a private network and is no configured registry or private host")
        })
    }
}

/// Resolves names, and leaves out addresses that the client may not reach.
#[derive(Debug)]
pub(super) struct Guarded(pub(super) Arc<Reach>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = Arc::clone(&self.0);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0))
                .await?
                .filter(|address| reach.names.contains(&host) || is_public(address.ip()))
                .collect();
            if found.is_empty() {
                let reason = format!(
                    "{host} has no address in the public network, and is no configured registry or private host"
                );
                return Err(reason.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn private_addresses_are_reached_only_where_they_are_configured() {
        let reach = Reach::trusting([&url("http://127.0.0.1:8000/simple/")]);
        assert_eq!(reach.objection(&url("http://127.0.0.1:8000/files/x")), None);
        for private in [
            "http://127.0.0.1:8001/",
            "http://127.1/",
            "http://2130706433/",
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1/",
            "http://100.64.0.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[fd00::1]/",
            "http://[fe80::1]/",
            "http://0.0.0.0/",
            "http://localhost:8000/",
        ] {
            assert!(reach.objection(&url(private)).is_some(), "{private}");
        }
        assert_eq!(reach.objection(&url("https://files.example/x")), None);
        assert_eq!(reach.objection(&url("https://9.9.9.9/x")), None);
    }
}
