//! Takes every connection and every question of the run.

use std::collections::HashMap;
use std::io::{IoSlice, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use foretaste_behaviour::{Action, CanaryPlace};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, sendmsg,
};
use tokio::sync::Notify;

use super::authority::Authority;
use super::names::Names;
use super::{dns, relay};
use crate::policy::file::{Denied, NetworkPolicy};
use crate::policy::hosts::HostPattern;
use crate::policy::registries::RegistryAccess;
use crate::supervisor::Shared;

/// The largest question.
const MAX_QUESTION: usize = 4096;

/// Decides about the network of one run.
#[derive(Debug)]
pub(crate) struct Gatekeeper {
    policy: NetworkPolicy,
    /// What the policy allows, and the registries.
    reachable: Vec<HostPattern>,
    /// What was to be fetched has been.
    is_fetched: AtomicBool,
    /// How the supervisor itself asks a registry who it is.
    outside: OnceLock<Result<Arc<rustls::ClientConfig>, String>>,
    names: Mutex<Names>,
    authority: Option<Arc<Authority>>,
    shared: Arc<Shared>,
}

/// The threads at work, until this is dropped.
#[derive(Debug)]
pub(crate) struct Working {
    /// Written to once, and never read: every thread that looks sees that the run is over.
    over: Arc<EventFd>,
    /// The same for the one that waits otherwise.
    notify: Arc<Notify>,
    threads: Vec<JoinHandle<()>>,
}

impl Gatekeeper {
    /// One for a policy.
    pub(crate) fn new(
        policy: NetworkPolicy,
        authority: Option<Arc<Authority>>,
        shared: Arc<Shared>,
    ) -> Arc<Self> {
        let reachable = [&policy.allow[..], &policy.registries.hosts].concat();
        Arc::new(Self {
            policy,
            reachable,
            is_fetched: AtomicBool::new(false),
            outside: OnceLock::new(),
            names: Mutex::default(),
            authority,
            shared,
        })
    }

    /// Starts answering on the sockets that the inside opened: the TCP ones, then DNS for IPv4 and IPv6.
    ///
    /// # Errors
    /// No thread can be started.
    pub(crate) fn start(self: &Arc<Self>, mut sockets: Vec<OwnedFd>) -> std::io::Result<Working> {
        let over = Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?);
        let notify = Arc::new(Notify::new());
        // what fails below ends what was started
        let mut working = Working {
            over: Arc::clone(&over),
            notify: Arc::clone(&notify),
            threads: Vec::new(),
        };
        for _ in 0..2 {
            let Some(socket) = sockets.pop() else { break };
            let (gatekeeper, over) = (Arc::clone(self), Arc::clone(&over));
            working.threads.push(
                std::thread::Builder::new()
                    .name("dns".into())
                    .spawn(move || gatekeeper.answer(&socket, &over))?,
            );
        }
        let gatekeeper = Arc::clone(self);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        working
            .threads
            .push(
                std::thread::Builder::new()
                    .name("network".into())
                    .spawn(move || {
                        let listeners = sockets.into_iter().map(TcpListener::from).collect();
                        runtime.block_on(relay::accept_all(gatekeeper, listeners, &notify));
                    })?,
            );
        Ok(working)
    }

    /// The hosts that may be connected to.
    pub(super) fn allowed(&self) -> &[HostPattern] {
        if self.is_fetched() {
            &self.policy.build
        } else {
            &self.reachable
        }
    }

    /// True if every public host may be connected to.
    pub(super) fn learns(&self) -> bool {
        self.policy.learn && !self.is_fetched()
    }

    /// From now on only what the policy allows to builds can be reached.
    pub(crate) fn end_fetching(&self) {
        self.is_fetched.store(true, Ordering::Release);
    }

    fn is_fetched(&self) -> bool {
        self.is_fetched.load(Ordering::Acquire)
    }

    /// True for a registry that may be read, and no more: whatever the policy itself names is passed on unopened.
    pub(super) fn is_read_only(&self, host: &str, port: u16) -> bool {
        let names = |list: &[HostPattern]| list.iter().any(|pattern| pattern.allows(host, port));
        let is_own = names(&self.policy.allow) || self.is_fetched() && names(&self.policy.build);
        self.policy.registry == RegistryAccess::Read
            && self.authority.is_some()
            && !is_own
            && names(&self.policy.registries.hosts)
    }

    /// The user's credentials for a URL of a registry.
    pub(super) fn authorization(&self, url: &url::Url) -> Option<foretaste_io::Secret> {
        self.policy.registries.authorization(url)
    }

    /// How a registry proves who it is: to the system's authorities and those of the package manager's configuration.
    ///
    /// # Errors
    /// There are none.
    pub(super) fn outside(&self) -> Result<&Arc<rustls::ClientConfig>, &String> {
        let make = || super::authority::outside(&self.policy.registries.bundles);
        self.outside.get_or_init(make).as_ref()
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
            || self
                .policy
                .registries
                .configured
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

    /// What the cloud's metadata service would say: credentials that are planted ones.
    pub(super) fn metadata(&self, path: &str) -> Option<String> {
        self.shared.metadata(path)
    }

    /// Looks for canaries in what was sent.
    pub(super) fn inspect(&self, bytes: &[u8], host: &str, process: Option<usize>) {
        self.shared
            .inspect(bytes, CanaryPlace::Egress, host, process);
    }

    /// Answers questions on one socket until the run ends.
    fn answer(&self, socket: &OwnedFd, over: &EventFd) {
        loop {
            let mut fds = [
                PollFd::new(over.as_fd(), PollFlags::POLLIN),
                PollFd::new(socket.as_fd(), PollFlags::POLLIN),
            ];
            match poll(&mut fds, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
            let [ended, asked] = fds.map(|fd| fd.any().unwrap_or(false));
            // what was asked before the end is noted before the end
            if asked {
                let _ = self.answer_one(socket);
            } else if ended {
                return;
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

impl Drop for Working {
    /// Ends the work and waits for it.
    fn drop(&mut self) {
        // a counter that stands at 0 takes a 1; should it not, the threads end with the process
        if self.over.write(1).is_err() {
            return;
        }
        self.notify.notify_one();
        for thread in self.threads.drain(..) {
            // a thread that died said so on standard error; the run is over anyway
            let _ = thread.join();
        }
    }
}

/// Which process connected where, last.
pub(crate) type Callers = HashMap<(IpAddr, u16), Option<usize>>;
