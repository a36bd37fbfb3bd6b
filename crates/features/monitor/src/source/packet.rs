//! What the head of a packet says.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The head of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packet<'a> {
    pub(super) from: (IpAddr, u16),
    pub(super) to: (IpAddr, u16),
    pub(super) protocol: &'static str,
    /// What stands behind the head of TCP or UDP.
    pub(super) payload: &'a [u8],
    /// True for the first packet of a TCP connection.
    pub(super) begins: bool,
}

/// Reads the head. None for what is none.
pub(super) fn read(bytes: &[u8]) -> Option<Packet<'_>> {
    let (protocol, from, to, rest) = match bytes.first()? >> 4 {
        4 => {
            let length = usize::from(bytes.first()? & 15) * 4;
            let from: [u8; 4] = bytes.get(12..16)?.try_into().ok()?;
            let to: [u8; 4] = bytes.get(16..20)?.try_into().ok()?;
            (
                *bytes.get(9)?,
                IpAddr::V4(Ipv4Addr::from(from)),
                IpAddr::V4(Ipv4Addr::from(to)),
                bytes.get(length..)?,
            )
        }
        6 => {
            let from: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            let to: [u8; 16] = bytes.get(24..40)?.try_into().ok()?;
            (
                *bytes.get(6)?,
                IpAddr::V6(Ipv6Addr::from(from)),
                IpAddr::V6(Ipv6Addr::from(to)),
                bytes.get(40..)?,
            )
        }
        _ => return None,
    };
    let port = |at: usize| {
        let bytes = rest.get(at..at + 2)?;
        bytes.try_into().ok().map(u16::from_be_bytes)
    };
    let (from_port, to_port) = (port(0).unwrap_or(0), port(2).unwrap_or(0));
    Some(match protocol {
        6 => {
            let head = usize::from(rest.get(12)? >> 4) * 4;
            Packet {
                from: (from, from_port),
                to: (to, to_port),
                protocol: "tcp",
                payload: rest.get(head..).unwrap_or(&[]),
                begins: rest.get(13)? & 0x12 == 0x02,
            }
        }
        17 => Packet {
            from: (from, from_port),
            to: (to, to_port),
            protocol: "udp",
            payload: rest.get(8..).unwrap_or(&[]),
            begins: false,
        },
        other => Packet {
            from: (from, 0),
            to: (to, 0),
            protocol: if matches!(other, 1 | 58) {
                "icmp"
            } else {
                "ip"
            },
            payload: &[],
            begins: false,
        },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_datagram_of_either_family_is_read() {
        let mut four = vec![0x45, 0, 0, 30, 0, 0, 0, 0, 64, 17, 0, 0];
        four.extend([10, 0, 0, 1, 192, 0, 2, 7, 0x80, 0, 0, 53, 0, 10, 0, 0, 1, 2]);
        let packet = read(&four).expect("a packet");
        assert_eq!(packet.to, ("192.0.2.7".parse().expect("an address"), 53));
        assert_eq!((packet.protocol, packet.payload), ("udp", &[1, 2][..]));
        let mut six = vec![0x60, 0, 0, 0, 0, 20, 6, 64];
        six.extend([0; 15].into_iter().chain([1]).chain([0; 15]).chain([2]));
        six.extend([
            0x90, 0, 1, 0xbb, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0,
        ]);
        let packet = read(&six).expect("a packet");
        assert_eq!(packet.to, ("::2".parse().expect("an address"), 443));
        assert!(packet.begins);
    }

    proptest! {
        #[test]
        fn no_packet_breaks_it(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
            let _ = read(&bytes);
        }
    }
}
