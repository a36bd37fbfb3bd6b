//! Connecting to a host for somebody who is not trusted: the name is resolved here, and where it leads is looked at.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use thiserror::Error;
use tokio::net::{TcpStream, lookup_host};

/// How long one address may take.
const LIMIT: Duration = Duration::from_secs(20);

/// What is known of the way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Route {
    /// Connect here, whatever the name leads to.
    pub fixed: Option<SocketAddr>,
    /// Addresses that are this machine's or a private network's are fine.
    pub may_be_private: bool,
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum OutboundError {
    /// The name leads to an address that no public host has.
    #[error("{host} leads to {address}, which is not a public address")]
    NotPublic {
        /// The name.
        host: String,
        /// The address.
        address: IpAddr,
    },
    /// It cannot be reached.
    #[error("cannot connect to {host}:{port}: {source}")]
    Unreachable {
        /// The name.
        host: String,
        /// The port.
        port: u16,
        /// Why.
        source: io::Error,
    },
}

impl OutboundError {
    /// True if the connection was refused here, not there.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::NotPublic { .. })
    }
}

/// Connects to a host.
///
/// # Errors
/// It cannot be reached, or one of its addresses is not public: a name that leads to both is a trick (DNS rebinding).
pub async fn connect(host: &str, port: u16, route: Route) -> Result<TcpStream, OutboundError> {
    let unreachable = |source| OutboundError::Unreachable {
        host: host.to_owned(),
        port,
        source,
    };
    let addresses: Vec<SocketAddr> = match route.fixed {
        Some(address) => vec![address],
        None => lookup_host((host, port))
            .await
            .map_err(unreachable)?
            .collect(),
    };
    let is_trusted = route.fixed.is_some() || route.may_be_private;
    if let Some(address) = addresses
        .iter()
        .map(SocketAddr::ip)
        .find(|ip| !is_trusted && !is_public(*ip))
    {
        return Err(OutboundError::NotPublic {
            host: host.to_owned(),
            address,
        });
    }
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses {
        match tokio::time::timeout(LIMIT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(unreachable(last))
}

/// True if an address belongs to the public internet: neither to this machine, nor to its networks, nor to
/// documentation, tests, multicast or a cloud's metadata service.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            let is_test = a == 198 && (b == 18 || b == 19);
            // the metadata service of a cloud, at an address that looks public
            let is_metadata = v4.octets() == [168, 63, 129, 16];
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || v4.is_multicast()
                || is_shared
                || is_test
                || is_metadata
                || v4.is_documentation()
                || a == 0
                || a >= 240)
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            // 6to4, and the documentation's own
            let carries = first == 0x2002 || (first, second) == (0x2001, 0xdb8);
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
                || first == 0x64
                || carries)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_public() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "168.63.129.16",
            "192.0.2.1",
        ] {
            assert!(!is_public(text.parse().expect(text)), "{text}");
        }
        for text in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111"] {
            assert!(is_public(text.parse().expect(text)), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused() {
        let error = connect("localhost", 9, Route::default())
            .await
            .expect_err("not public");
        assert!(error.is_refusal(), "{error}");
    }
}
