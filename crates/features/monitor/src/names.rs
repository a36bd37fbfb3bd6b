//! Which names an address was given out for.

use std::collections::HashMap;
use std::net::IpAddr;

/// Addresses that are remembered.
const MAX_ADDRESSES: usize = 100_000;
/// Names of one address that are remembered.
const MAX_NAMES: usize = 64;

/// Names by address, the latest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    by_address: HashMap<IpAddr, Vec<String>>,
}

impl Names {
    /// A name server told this.
    pub(crate) fn learn(&mut self, name: &str, addresses: &[IpAddr]) {
        for address in addresses {
            if self.by_address.len() >= MAX_ADDRESSES && !self.by_address.contains_key(address) {
                return;
            }
            let names = self.by_address.entry(plain(*address)).or_default();
            names.retain(|known| known != name);
            if names.len() < MAX_NAMES {
                names.push(name.to_owned());
            }
        }
    }

    /// The names of an address, the latest last.
    pub(crate) fn of(&self, address: IpAddr) -> Vec<&str> {
        self.by_address
            .get(&plain(address))
            .map(|names| names.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }
}

/// An address of the old kind that is written as one of the new kind is one of the old kind.
pub(crate) fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}
