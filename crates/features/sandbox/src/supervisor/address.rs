//! Addresses of sockets: the bytes of a `sockaddr`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The bytes of the longest address that is looked at: of a Unix socket.
pub(super) const LONGEST: usize = size_of::<libc::sockaddr_un>();

/// Address and port, of the network alone.
pub(super) fn of_network(bytes: &[u8]) -> Option<(IpAddr, u16)> {
    let port = u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?);
    match family(bytes)? {
        libc::AF_INET => {
            let ip: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            Some((Ipv4Addr::from(ip).into(), port))
        }
        libc::AF_INET6 => {
            let ip: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            Some((Ipv6Addr::from(ip).to_canonical(), port))
        }
        _ => None,
    }
}

/// The path of a Unix socket.
pub(super) fn unix_path(bytes: &[u8]) -> Option<String> {
    let path = bytes
        .get(2..)
        .filter(|_| family(bytes) == Some(libc::AF_UNIX))?;
    let end = memchr::memchr(0, path).unwrap_or(path.len());
    Some(String::from_utf8_lossy(path.get(..end)?).into_owned())
}

/// True for an address of netlink, by which the kernel is told what the network is to be.
pub(super) fn is_netlink(bytes: &[u8]) -> bool {
    family(bytes) == Some(libc::AF_NETLINK)
}

/// True if a message to the kernel's part for routes changes something: its types come in fours, of which the third asks.
pub(super) fn changes_network(head: &[u8]) -> bool {
    const FIRST: u16 = libc::RTM_NEWLINK;
    let kind = head.get(4..6).and_then(|kind| kind.try_into().ok());
    kind.map(u16::from_ne_bytes)
        .is_some_and(|kind| kind >= FIRST && kind & 3 != 2)
}

fn family(bytes: &[u8]) -> Option<i32> {
    let family = bytes.get(..2)?.try_into().ok()?;
    Some(u16::from_ne_bytes(family).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_the_network_is_told_from_what_asks() {
        let head = |kind: u16| {
            let mut head = [0; 8];
            head[4..6].copy_from_slice(&kind.to_ne_bytes());
            head
        };
        for kind in [libc::RTM_NEWROUTE, libc::RTM_DELADDR, libc::RTM_SETLINK] {
            assert!(changes_network(&head(kind)), "{kind}");
        }
        for kind in [libc::RTM_GETLINK, libc::RTM_GETROUTE, 3] {
            assert!(!changes_network(&head(kind)), "{kind}");
        }
        assert!(!changes_network(&[]));
    }
}
