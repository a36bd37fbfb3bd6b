//! `lo` of the run's network namespace, by rtnetlink.
//!
//! A local route for every address makes the kernel deliver whatever the command sends, wherever to, to this namespace
//! (*AnyIP*). No packet can leave: there is no other interface, and the right to make one is given up.

use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, recv, send, socket,
};

use crate::contained::failure::{At, Failure, Stage};

const LOOPBACK: u32 = 1;
const ROUTE_TABLE_LOCAL: u8 = 255;
const ROUTE_PROTOCOL_BOOT: u8 = 3;
const ROUTE_TYPE_LOCAL: u8 = 2;
const SCOPE_HOST: u8 = 254;
const SCOPE_UNIVERSE: u8 = 0;

/// Brings the interface up.
fn up() -> Result<(), Failure> {
    let socket = open()?;
    // struct ifinfomsg: family, padding, type, index, flags, mask of flags
    let mut body = vec![0; 4];
    body.extend(LOOPBACK.to_ne_bytes());
    body.extend((libc::IFF_UP as u32).to_ne_bytes());
    body.extend((libc::IFF_UP as u32).to_ne_bytes());
    ask(&socket, libc::RTM_NEWLINK, 0, &body).at(Stage::Network, "lo")
}

/// Brings the interface up and makes every address local.
///
/// # Errors
/// `EPERM` where a security module takes the rights that the user namespace gives.
pub(crate) fn take_every_address() -> Result<(), Failure> {
    up()?;
    let socket = open()?;
    for (family, scope) in [
        (libc::AF_INET, SCOPE_HOST),
        (libc::AF_INET6, SCOPE_UNIVERSE),
    ] {
        // struct rtmsg, then the attribute RTA_OIF
        let mut body = vec![
            family as u8,
            0,
            0,
            0,
            ROUTE_TABLE_LOCAL,
            ROUTE_PROTOCOL_BOOT,
            scope,
            ROUTE_TYPE_LOCAL,
        ];
        body.extend(0_u32.to_ne_bytes());
        body.extend(8_u16.to_ne_bytes());
        body.extend(libc::RTA_OIF.to_ne_bytes());
        body.extend(LOOPBACK.to_ne_bytes());
        let flags = libc::NLM_F_CREATE | libc::NLM_F_EXCL;
        match ask(&socket, libc::RTM_NEWROUTE, flags as u16, &body) {
            // a kernel without IPv6 has nothing to route
            Err(Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT) if family == libc::AF_INET6 => {}
            done => done.at(Stage::Network, "route")?,
        }
    }
    Ok(())
}

fn open() -> Result<OwnedFd, Failure> {
    socket(
        AddressFamily::Netlink,
        SockType::Raw,
        SockFlag::SOCK_CLOEXEC,
        SockProtocol::NetlinkRoute,
    )
    .at(Stage::Network, "netlink")
}

/// Sends one request and waits for its acknowledgement.
fn ask(socket: &OwnedFd, kind: u16, flags: u16, body: &[u8]) -> nix::Result<()> {
    let length = 16 + body.len() as u32;
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(((libc::NLM_F_REQUEST | libc::NLM_F_ACK) as u16 | flags).to_ne_bytes());
    message.extend([0; 8]);
    message.extend(body);
    send(socket.as_raw_fd(), &message, MsgFlags::empty())?;
    let mut answer = [0; 4096];
    let length = recv(socket.as_raw_fd(), &mut answer, MsgFlags::empty())?;
    // struct nlmsghdr, then the error number, negative or zero
    let error = answer
        .get(16..20)
        .filter(|_| length >= 20)
        .ok_or(Errno::EBADMSG)?;
    match i32::from_ne_bytes(error.try_into().map_err(|_| Errno::EBADMSG)?) {
        0 => Ok(()),
        error => Err(Errno::from_raw(-error)),
    }
}
