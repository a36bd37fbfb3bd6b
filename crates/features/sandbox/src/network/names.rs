//! Addresses that are given out for names: one for each, from a range that nobody has (RFC 2544).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

/// Names that get an address in one run.
const MAX_NAMES: usize = 1 << 15;

/// Which name an address was given out for.
#[derive(Debug, Default)]
pub(super) struct Names {
    addresses: HashMap<String, Ipv4Addr>,
    names: HashMap<IpAddr, String>,
}

impl Names {
    /// The address of a name. `None` when too many were asked for.
    pub(super) fn address(&mut self, name: &str) -> Option<Ipv4Addr> {
        if let Some(address) = self.addresses.get(name) {
            return Some(*address);
        }
        if self.addresses.len() >= MAX_NAMES {
            return None;
        }
        // 198.18.1.0 and up
        let number = u32::from(Ipv4Addr::new(198, 18, 1, 0)) + self.addresses.len() as u32;
        let address = Ipv4Addr::from(number);
        self.addresses.insert(name.to_owned(), address);
        self.names.insert(address.into(), name.to_owned());
        Some(address)
    }

    /// The name that an address was given out for.
    pub(super) fn name(&self, address: IpAddr) -> Option<&str> {
        self.names.get(&address).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_address_and_an_address_its_name() {
        let mut names = Names::default();
        let a = names.address("a.example").expect("room");
        let b = names.address("b.example").expect("room");
        assert_ne!(a, b);
        assert_eq!(names.address("a.example"), Some(a));
        assert_eq!(names.name(b.into()), Some("b.example"));
        assert_eq!(names.name(Ipv4Addr::new(1, 2, 3, 4).into()), None);
    }

    #[test]
    fn a_tunnel_does_not_fill_the_memory() {
        let mut names = Names::default();
        assert!((0..MAX_NAMES).all(|n| names.address(&n.to_string()).is_some()));
        assert_eq!(names.address("one more"), None);
    }
}
