//! Addresses of sockets, in the memory of who uses them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::memory;

/// Address and port of a `sockaddr`, or the path of a Unix one with port 0; `None` for other families.
pub(super) fn socket_address(bytes: &[u8]) -> Option<(String, u16)> {
    let family = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
    let port = u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?);
    match i32::from(family) {
        libc::AF_INET => {
            let ip: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            Some((Ipv4Addr::from(ip).to_string(), port))
        }
        libc::AF_INET6 => {
            let ip: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            let ip = Ipv6Addr::from(ip);
            Some((
                ip.to_ipv4_mapped()
                    .map_or_else(|| ip.to_string(), |v4| v4.to_string()),
                port,
            ))
        }
        _ => None,
    }
}

/// The path of a Unix socket's address.
pub(super) fn unix_path(thread: u32, address: u64) -> Option<String> {
    let mut family = [0; 2];
    memory::read(thread, address, &mut family)?;
    if i32::from(u16::from_ne_bytes(family)) != libc::AF_UNIX {
        return None;
    }
    Some(String::from_utf8_lossy(&memory::text(thread, address + 2)?).into_owned())
}
