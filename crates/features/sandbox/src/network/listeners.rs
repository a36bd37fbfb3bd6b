//! The sockets in the run's network that the supervisor gets.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddrV6, TcpListener, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};

use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn6, bind, setsockopt, socket, sockopt,
};

use crate::contained::failure::{At, Failure, Stage};

/// The port of DNS.
pub(crate) const DNS: u16 = 53;

/// Opens a TCP listener for each port, on all addresses of both kinds, and DNS over UDP for IPv4 and IPv6, in this order.
///
/// # Errors
/// A port is taken, or the kernel refuses.
pub(crate) fn open(ports: &[u16]) -> Result<Vec<OwnedFd>, Failure> {
    let mut sockets = Vec::new();
    for port in ports {
        let all = (Ipv6Addr::UNSPECIFIED, *port);
        sockets.push(
            TcpListener::bind(all)
                .at(Stage::Network, format!("port {port}"))?
                .into(),
        );
    }
    let dns = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, DNS)).at(Stage::Network, "DNS")?;
    // the answer must come from the address that was asked
    setsockopt(&dns, sockopt::Ipv4PacketInfo, &true).at(Stage::Network, "DNS")?;
    sockets.push(dns.into());
    let dns = socket(
        AddressFamily::Inet6,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC,
        None,
    )
    .at(Stage::Network, "DNS")?;
    setsockopt(&dns, sockopt::Ipv6V6Only, &true).at(Stage::Network, "DNS")?;
    setsockopt(&dns, sockopt::Ipv6RecvPacketInfo, &true).at(Stage::Network, "DNS")?;
    let all = SockaddrIn6::from(SocketAddrV6::new(Ipv6Addr::UNSPECIFIED, DNS, 0, 0));
    bind(dns.as_raw_fd(), &all).at(Stage::Network, "DNS")?;
    sockets.push(dns);
    Ok(sockets)
}
