//! Takes every connection and every question of the run.

use std::collections::HashMap;
use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use foretaste_behaviour::{Action, CanaryPlace};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg,
};

use super::authority::Authority;
use super::names::Names;
use super::{dns, relay};
use crate::policy::file::{Denied, NetworkPolicy};
use crate::policy::hosts::HostPattern;
use crate::supervisor::Shared;

/// The largest question.
const MAX_QUESTION: usize = 4096;
/// Milliseconds after which the threads look whether the run has ended.
const TICK: u16 = 100;

/// Decides about the network of one run.
#[derive(Debug)]
pub(crate) struct Gatekeeper {
    policy: NetworkPolicy,
    names: Mutex<Names>,
    authority: Option<Arc<Authority>>,
    shared: Arc<Shared>,
    ended: AtomicBool,
}

/// The threads at work.
#[derive(Debug)]
pub(crate) struct Working {
    gatekeeper: Arc<Gatekeeper>,
    threads: Vec<JoinHandle<()>>,
}

impl Gatekeeper {
    /// One for a policy.
    pub(crate) fn new(
        policy: NetworkPolicy,
        authority: Option<Arc<Authority>>,
        shared: Arc<Shared>,
    ) -> Arc<Self> {
        Arc::new(Self {
            policy,
            names: Mutex::default(),
            authority,
            shared,
            ended: AtomicBool::new(false),
        })
    }

    /// Starts answering on the sockets that the inside opened: the TCP ones, then DNS for IPv4 and IPv6.
    ///
    /// # Errors
    /// No thread can be started.
    pub(crate) fn start(self: &Arc<Self>, mut sockets: Vec<OwnedFd>) -> std::io::Result<Working> {
        let mut threads = Vec::new();
        for _ in 0..2 {
            let Some(socket) = sockets.pop() else { break };
            let gatekeeper = Arc::clone(self);
            threads.push(
                std::thread::Builder::new()
                    .name("dns".into())
                    .spawn(move || gatekeeper.answer(&socket))?,
            );
        }
        let gatekeeper = Arc::clone(self);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        threads.push(
            std::thread::Builder::new()
                .name("network".into())
                .spawn(move || {
                    let listeners = sockets.into_iter().map(TcpListener::from).collect();
                    runtime.block_on(relay::accept_all(gatekeeper, listeners));
                })?,
        );
        Ok(Working {
            gatekeeper: Arc::clone(self),
            threads,
        })
    }

    /// The hosts that may be connected to.
    pub(super) fn allowed(&self) -> &[HostPattern] {
        &self.policy.allow
    }

    /// True if every public host may be connected to.
    pub(super) const fn learns(&self) -> bool {
        self.policy.learn
    }

    /// What meets the others.
    pub(super) fn denied(&self) -> Denied {
        self.policy.denied
    }

    /// Where a host really is, if the policy says so.
    pub(super) fn fixed(&self, name: &str) -> Option<SocketAddr> {
        self.policy.addresses.get(name).copied()
    }

    /// True if the host may be in a private network.
    pub(super) fn may_be_private(&self, name: &str) -> bool {
        self.policy
            .private
            .iter()
            .any(|pattern| pattern.names(name))
            || name.parse::<IpAddr>().is_ok()
    }

    /// Who vouches for the trap.
    pub(super) const fn authority(&self) -> Option<&Arc<Authority>> {
        self.authority.as_ref()
    }

    /// The address for a name.
    pub(super) fn address(&self, name: &str) -> Option<Ipv4Addr> {
        self.names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .address(name)
    }

    /// The name for an address.
    pub(super) fn name(&self, address: IpAddr) -> Option<String> {
        self.names
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .name(address)
            .map(str::to_owned)
    }

    /// Which process connected to an address last.
    pub(super) fn process(&self, address: IpAddr, port: u16) -> Option<usize> {
        self.shared.caller(address, port)
    }

    /// Takes something down.
    pub(super) fn add(&self, process: Option<usize>, action: Action) {
        let now = self.shared.now();
        self.shared
            .record(|record| record.add(now, process, action));
    }

    /// Looks for canaries in a name that was asked for.
    pub(super) fn inspect_name(&self, name: &str, process: Option<usize>) {
        self.shared.inspect_name(name, process);
    }

    /// Looks for canaries in what was sent.
    pub(super) fn inspect(&self, bytes: &[u8], host: &str, process: Option<usize>) {
        self.shared
            .inspect(bytes, CanaryPlace::Egress, host, process);
    }

    /// True when the run is over.
    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Answers questions on one socket until the run ends.
    fn answer(&self, socket: &OwnedFd) {
        while !self.has_ended() {
            let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
            if poll(&mut fds, PollTimeout::from(TICK)).is_ok_and(|ready| ready > 0) {
                let _ = self.answer_one(socket);
            }
        }
    }

    /// The answer comes from the address that was asked, whichever it was.
    fn answer_one(&self, socket: &OwnedFd) -> nix::Result<()> {
        let mut buffer = [0; MAX_QUESTION];
        let mut control = nix::cmsg_space!(libc::in_pktinfo, libc::in6_pktinfo);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let got = recvmsg::<SockaddrStorage>(
            socket.as_raw_fd(),
            &mut slices,
            Some(&mut control),
            MsgFlags::MSG_DONTWAIT,
        )?;
        let (length, from) = (got.bytes, got.address);
        let (mut v4, mut v6) = (None, None);
        for message in got.cmsgs()? {
            match message {
                ControlMessageOwned::Ipv4PacketInfo(info) => v4 = Some(info),
                ControlMessageOwned::Ipv6PacketInfo(info) => v6 = Some(info),
                _ => {}
            }
        }
        let asked: IpAddr = match (v4, v6) {
            (Some(info), _) => Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()).into(),
            (_, Some(info)) => std::net::Ipv6Addr::from(info.ipi6_addr.s6_addr).into(),
            _ => return Ok(()),
        };
        let resolver = SocketAddr::new(asked, super::listeners::DNS);
        let question = buffer.get(..length).unwrap_or(&[]);
        let Some(answer) = dns::answer(self, question, resolver, "udp") else {
            return Ok(());
        };
        let slices = [IoSlice::new(&answer)];
        let v4 = v4.map(|info| libc::in_pktinfo {
            ipi_ifindex: 0,
            ipi_spec_dst: info.ipi_addr,
            ipi_addr: info.ipi_addr,
        });
        let v6 = v6.map(|info| libc::in6_pktinfo {
            ipi6_addr: info.ipi6_addr,
            ipi6_ifindex: 0,
        });
        let control: Vec<ControlMessage<'_>> = v4
            .iter()
            .map(ControlMessage::Ipv4PacketInfo)
            .chain(v6.iter().map(ControlMessage::Ipv6PacketInfo))
            .collect();
        sendmsg(
            socket.as_raw_fd(),
            &slices,
            &control,
            MsgFlags::MSG_DONTWAIT,
            from.as_ref(),
        )
        .map(drop)
    }
}

impl Working {
    /// Ends the work and waits for it.
    pub(crate) fn end(self) {
        self.gatekeeper.ended.store(true, Ordering::Relaxed);
        for thread in self.threads {
            // a thread that died said so on standard error; the run is over anyway
            let _ = thread.join();
        }
    }
}

/// Which process connected where, last.
pub(crate) type Callers = HashMap<(IpAddr, u16), Option<usize>>;
