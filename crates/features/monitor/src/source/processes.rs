//! The kernel's process connector: a message for every fork, exec and exit. It needs root and `CONFIG_PROC_EVENTS`.

use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::net::netlink::{CONNECTOR, SocketAddrNetlink};
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, bind, recv, send, socket_with,
    sockopt,
};

use super::{About, Outlet, Source, SourceError, Stop, proc};
use crate::observation::{Observation, Started};

/// `CN_IDX_PROC` and `CN_VAL_PROC`.
const GROUP: u32 = 1;
/// `PROC_CN_MCAST_LISTEN`
const LISTEN: u32 = 1;
/// Bytes of events that may wait in the kernel.
const BUFFER: usize = 8 << 20;
/// Bytes before an event: the netlink header (16) and the connector's (20).
const HEAD: usize = 36;

/// The source.
#[derive(Debug)]
pub struct Processes {
    socket: OwnedFd,
}

impl Processes {
    /// Begins to listen; events wait from now on.
    ///
    /// # Errors
    /// The kernel has no such connector, or the process lacks the right.
    pub fn open() -> Result<Self, SourceError> {
        let what = "the process connector";
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        let socket = socket_with(
            AddressFamily::NETLINK,
            SocketType::DGRAM,
            flags,
            Some(CONNECTOR),
        )
        .map_err(SourceError::of(what))?;
        bind(&socket, &SocketAddrNetlink::new(0, GROUP)).map_err(SourceError::of(what))?;
        // a smaller buffer loses events earlier, which is told; it is no reason to do without
        let _ = sockopt::set_socket_recv_buffer_size_force(&socket, BUFFER);
        send(&socket, &request(LISTEN), SendFlags::empty()).map_err(SourceError::of(what))?;
        Ok(Self { socket })
    }

    /// Tells what waits.
    fn drain(&self, out: &Outlet) {
        let mut buffer = [0_u8; 4096];
        loop {
            match recv(&self.socket, &mut buffer[..], RecvFlags::empty()) {
                Ok((length, _)) => {
                    if let Some(message) = buffer.get(HEAD..length.min(buffer.len())) {
                        tell(message, out);
                    }
                }
                Err(Errno::NOBUFS) => out.tell(Observation::Lost(1)),
                Err(Errno::INTR) => {}
                Err(_) => return,
            }
        }
    }
}

impl Source for Processes {
    fn about(&self) -> About {
        About {
            name: "the process connector",
            sees: "every fork, exec and exit",
            blind: vec![
                "arguments and folder of a program that ended before they could be read".to_owned(),
            ],
        }
    }

    fn run(&mut self, out: &Outlet, stop: &Stop) {
        while stop.wait(&self.socket) {
            self.drain(out);
        }
        self.drain(out);
    }
}

/// `struct nlmsghdr`, `struct cn_msg`, operation.
fn request(operation: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in [40_u32, 3, 0, 0, GROUP, GROUP, 0, 0] {
        bytes.extend(number.to_ne_bytes());
    }
    bytes.extend(4_u16.to_ne_bytes());
    bytes.extend(0_u16.to_ne_bytes());
    bytes.extend(operation.to_ne_bytes());
    bytes
}

/// `struct proc_event`: what (4), processor (4), time (8), then what is particular.
fn tell(event: &[u8], out: &Outlet) {
    let number = |index: usize| {
        let bytes = event.get(16 + 4 * index..20 + 4 * index)?;
        bytes.try_into().ok().map(u32::from_ne_bytes)
    };
    let what = event
        .get(..4)
        .and_then(|bytes| bytes.try_into().ok())
        .map(u32::from_ne_bytes);
    match (what, number(0), number(1), number(2), number(3)) {
        // a thread is no process
        (Some(1), Some(_), Some(parent), Some(child), Some(group)) if child == group => {
            out.tell(Observation::Fork { parent, child });
        }
        (Some(2), Some(_), Some(pid), ..) => {
            // a process that ended already leaves its number
            let started = proc::started(pid).unwrap_or(Started {
                pid,
                ..Started::default()
            });
            out.tell(Observation::Exec(started));
        }
        (Some(0x8000_0000), Some(thread), Some(pid), ..) if thread == pid => {
            out.tell(Observation::Exit { pid });
        }
        _ => {}
    }
}
