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
            // one of the old kind that is written as one of the new kind is one of the old kind
            let address = address.to_canonical();
            if self.by_address.len() >= MAX_ADDRESSES && !self.by_address.contains_key(&address) {
                return;
            }
            let names = self.by_address.entry(address).or_default();
            names.retain(|known| known != name);
            if names.len() < MAX_NAMES {
                names.push(name.to_owned());
            }
        }
    }

    /// The names of an address, the latest last.
    pub(crate) fn of(&self, address: IpAddr) -> Vec<&str> {
        self.by_address
            .get(&address.to_canonical())
            .map(|names| names.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }
}
