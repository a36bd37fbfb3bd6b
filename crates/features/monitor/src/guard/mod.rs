//! What blocks: the allow-list in the kernel, and a name server that lets through allowed names and puts their addresses
//! on the list before it answers.

mod server;

use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use crate::alert::egress::is_metadata;
use crate::policy::{Host, Policy};
use crate::source::ebpf::AllowList;
use crate::source::{Outlet, SourceError, Stop};

pub(crate) use self::server::Server;

/// How the kernel's list writes every port.
const EVERY_PORT: u16 = 0;

/// The list, and what it is filled by.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    policy: Arc<Policy>,
    list: Arc<Mutex<AllowList>>,
}

impl Guard {
    /// Puts the networks of a policy on the list.
    ///
    /// # Errors
    /// The kernel does not take one.
    pub(crate) fn new(policy: &Policy, mut list: AllowList) -> Result<Self, SourceError> {
        for endpoint in policy.endpoints() {
            if let Host::Network(address, bits) = endpoint.host {
                for port in endpoint.ports().unwrap_or(&[EVERY_PORT]) {
                    list.add(address, bits, *port)?;
                }
            }
        }
        Ok(Self {
            policy: Arc::new(policy.clone()),
            list: Arc::new(Mutex::new(list)),
        })
    }

    /// True if somebody may ask for this name.
    pub(crate) fn allows(&self, name: &str) -> bool {
        self.policy.names(name)
    }

    /// Lets the addresses of an allowed name be reached on the ports that its entries allow.
    pub(crate) fn open(&self, name: &str, addresses: &[IpAddr]) {
        let mut list = self
            .list
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        for endpoint in self
            .policy
            .endpoints()
            .filter(|endpoint| endpoint.names(name))
        {
            for address in addresses.iter().filter(|address| may_be_public(**address)) {
                let bits = if address.is_ipv4() { 32 } else { 128 };
                for port in endpoint.ports().into_iter().flatten() {
                    if let Err(error) = list.add(*address, bits, *port) {
                        // it stays stopped
                        tracing::warn!(%error, name, "an address could not be put on the list");
                    }
                }
            }
        }
    }

    /// Runs the name server until it is stopped.
    pub(crate) fn serve(
        &self,
        server: Server,
        out: Outlet,
        stop: Stop,
    ) -> std::thread::JoinHandle<()> {
        let guard = self.clone();
        std::thread::spawn(move || server.run(&guard, &out, &stop))
    }
}

/// An allowed name that leads to this machine or its cloud's metadata is not believed.
fn may_be_public(address: IpAddr) -> bool {
    let may_be = match address.to_canonical() {
        IpAddr::V4(four) => !four.is_loopback() && !four.is_link_local() && !four.is_unspecified(),
        IpAddr::V6(six) => {
            !six.is_loopback() && !six.is_unicast_link_local() && !six.is_unspecified()
        }
    };
    may_be && !is_metadata(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_opens_neither_this_machine_nor_the_metadata_of_a_cloud() {
        let may_be = |address: &str| may_be_public(address.parse().expect(address));
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "168.63.129.16",
            "100.100.100.200",
            "fd00:ec2::254",
            "::ffff:168.63.129.16",
            "::ffff:127.0.0.1",
            "127.0.0.53",
            "::1",
            "fe80::1",
            "0.0.0.0",
        ] {
            assert!(!may_be(address), "{address}");
        }
        for address in [
            "198.51.100.1",
            "100.100.100.201",
            "fd00:ec2::253",
            "10.0.0.1",
        ] {
            assert!(may_be(address), "{address}");
        }
    }
}
