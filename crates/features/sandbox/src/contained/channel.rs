//! The line between the inside and the supervisor: one message a datagram, with descriptors where they belong.

use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessage, ControlMessageOwned, MsgFlags, SockFlag, SockType,
    UnixCredentials, recvmsg, sendmsg, setsockopt, socketpair, sockopt,
};
use serde::{Deserialize, Serialize};

use super::failure::Failure;

/// The largest message.
const MAX_MESSAGE: usize = 1 << 14;
/// The most descriptors of one message.
const MAX_FDS: usize = 64;

/// What the inside says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Message {
    /// These sockets listen in the run's network: TCP ones, and then those for DNS over UDP, IPv4 and IPv6.
    Listening,
    /// This is process 1 of the run: it is about to build the root.
    Begun,
    /// The filter is in force; its listener has this number in the process that sent the message.
    Filtered {
        /// The number.
        listener: RawFd,
        /// The version of Landlock in force, if any.
        landlock: Option<i32>,
    },
    /// Another kernel stands between the command and this one: there is no filter.
    Isolated,
    /// The supervisor listens: go on.
    Go,
    /// Something failed. Nothing of the command ran.
    Failed(Failure),
    /// The command ended with this code.
    Exited(i32),
    /// The command was ended by this signal.
    Signalled(i32),
}

/// One end.
#[derive(Debug)]
pub(crate) struct Channel(OwnedFd);

/// A message that came in.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) message: Message,
    /// Who sent it, in this process's pid namespace.
    pub(crate) pid: i32,
    pub(crate) fds: Vec<OwnedFd>,
}

impl Channel {
    /// A pair; the first end learns who sends.
    ///
    /// # Errors
    /// The kernel refuses.
    pub(crate) fn pair() -> nix::Result<(Self, OwnedFd)> {
        let (ours, theirs) = socketpair(
            AddressFamily::Unix,
            SockType::SeqPacket,
            None,
            SockFlag::SOCK_CLOEXEC,
        )?;
        setsockopt(&ours, sockopt::PassCred, &true)?;
        Ok((Self(ours), theirs))
    }

    /// An end that was inherited.
    pub(crate) const fn of(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// Sends a message with descriptors.
    ///
    /// # Errors
    /// The other end is gone.
    pub(crate) fn send(&self, message: &Message, fds: &[RawFd]) -> nix::Result<()> {
        let bytes = postcard::to_stdvec(message).map_err(|_| Errno::EINVAL)?;
        let rights = [ControlMessage::ScmRights(fds)];
        let control: &[ControlMessage<'_>] = if fds.is_empty() { &[] } else { &rights };
        sendmsg::<()>(
            self.0.as_raw_fd(),
            &[IoSlice::new(&bytes)],
            control,
            MsgFlags::MSG_NOSIGNAL,
            None,
        )?;
        Ok(())
    }

    /// Sends a message without any call that the filter asks about.
    ///
    /// # Errors
    /// The other end is gone.
    pub(crate) fn write(&self, message: &Message) -> nix::Result<()> {
        let bytes = postcard::to_stdvec(message).map_err(|_| Errno::EINVAL)?;
        nix::unistd::write(&self.0, &bytes).map(drop)
    }

    /// Waits for a message; `None` when nobody is left who could send one.
    ///
    /// # Errors
    /// The kernel's error, or a message that makes no sense.
    pub(crate) fn receive(&self) -> nix::Result<Option<Received>> {
        let mut buffer = vec![0; MAX_MESSAGE];
        let mut control = nix::cmsg_space!([RawFd; MAX_FDS], UnixCredentials);
        let mut slices = [IoSliceMut::new(&mut buffer)];
        let flags = MsgFlags::MSG_CMSG_CLOEXEC;
        let got = loop {
            match recvmsg::<()>(
                self.0.as_fd().as_raw_fd(),
                &mut slices,
                Some(&mut control),
                flags,
            ) {
                Err(Errno::EINTR) => {}
                done => break done?,
            }
        };
        let length = got.bytes;
        let (mut pid, mut fds) = (0, Vec::new());
        for message in got.cmsgs()? {
            match message {
                ControlMessageOwned::ScmCredentials(who) => pid = who.pid(),
                ControlMessageOwned::ScmRights(numbers) => fds.extend(numbers.into_iter().map(own)),
                _ => {}
            }
        }
        if length == 0 {
            return Ok(None);
        }
        let message = postcard::from_bytes(&buffer[..length]).map_err(|_| Errno::EBADMSG)?;
        Ok(Some(Received { message, pid, fds }))
    }
}

impl AsFd for Channel {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[allow(unsafe_code)]
fn own(fd: RawFd) -> OwnedFd {
    // SAFETY: the kernel made this descriptor for this message, and nothing else in this process knows it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}
