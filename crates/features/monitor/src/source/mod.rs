//! Sources of events. Each runs on a thread of its own; which ones there are depends on what the kernel allows.

pub(crate) mod dns;
pub mod ebpf;
mod files;
mod filter;
mod packet;
mod packets;
pub(crate) mod proc;
mod processes;
mod sockets;

use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Instant;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::EventFd;
use thiserror::Error;

pub use self::files::Files;
pub use self::packets::Packets;
pub use self::processes::Processes;
use crate::observation::Observation;

/// Observations that wait to be taken; more are counted as lost.
const WAITING: usize = 1 << 16;

/// What a source can and cannot see, in words for a report.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct About {
    /// What it is.
    pub name: &'static str,
    /// What it sees.
    pub sees: &'static str,
    /// What it does not see.
    pub blind: Vec<String>,
}

/// Something that tells what happens on this machine.
pub trait Source: Send {
    /// What it can and cannot see.
    fn about(&self) -> About;
    /// Tells until it is stopped, then what still waits.
    fn run(&mut self, out: &Outlet, stop: &Stop);
}

/// Why a source cannot be used here.
#[derive(Debug, Error)]
#[error("{what}: {why}")]
pub struct SourceError {
    /// What was tried.
    pub what: &'static str,
    /// Why it failed.
    pub why: String,
}

impl SourceError {
    pub(crate) fn of<E: std::fmt::Display>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |why| Self {
            what,
            why: why.to_string(),
        }
    }
}

/// Where sources put what they see.
#[derive(Clone, Debug)]
pub struct Outlet {
    sender: SyncSender<(u64, Observation)>,
    lost: Arc<AtomicU64>,
    begin: Instant,
}

impl Outlet {
    /// An outlet, its other end, and the count of what did not fit.
    pub fn new(begin: Instant) -> (Self, Receiver<(u64, Observation)>, Arc<AtomicU64>) {
        let (sender, receiver) = sync_channel(WAITING);
        let lost = Arc::new(AtomicU64::new(0));
        let outlet = Self {
            sender,
            lost: lost.clone(),
            begin,
        };
        (outlet, receiver, lost)
    }

    /// Tells something that happened now. A flood never blocks the source: what does not fit is counted.
    pub fn tell(&self, what: Observation) {
        let time = self.begin.elapsed().as_micros() as u64;
        if let Err(TrySendError::Full(_)) = self.sender.try_send((time, what)) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The process that sent from a port of this machine to the monitor.
pub(crate) fn asker(protocol: &str, from: std::net::SocketAddr) -> Option<u32> {
    let to = std::net::SocketAddr::new(from.ip(), 0);
    sockets::Sockets::default().owner(protocol, (from.ip(), from.port()), (to.ip(), to.port()))
}

/// Wakes and stops every source at once.
#[derive(Clone, Debug)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    bell: Arc<EventFd>,
}

impl Stop {
    /// Not stopped.
    ///
    /// # Errors
    /// The process has no descriptor left.
    pub fn new() -> Result<Self, SourceError> {
        let bell = EventFd::new().map_err(SourceError::of("an event descriptor"))?;
        Ok(Self {
            flag: Arc::new(AtomicBool::new(false)),
            bell: Arc::new(bell),
        })
    }

    /// Stops.
    pub fn stop(&self) {
        self.flag.store(true, Ordering::Release);
        // the bell is never read, so that every thread hears it
        let _ = self.bell.write(1);
    }

    /// True after [`Self::stop`].
    pub fn is_stopped(&self) -> bool {
        self.flag.load(Ordering::Acquire)
    }

    /// Waits until there is something to read, or it is time to stop; false if it is.
    pub(crate) fn wait(&self, descriptor: &impl AsFd) -> bool {
        let mut both = [
            PollFd::new(descriptor.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.bell.as_fd(), PollFlags::POLLIN),
        ];
        // an interruption is no event: the caller reads without waiting and comes back
        let _ = poll(&mut both, PollTimeout::NONE);
        !self.is_stopped()
    }
}
