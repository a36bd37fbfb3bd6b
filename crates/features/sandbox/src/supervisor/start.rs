//! Starting and ending the inside.

use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::contained::{COMMAND, plan::Plan};
use crate::error::RunError;
use crate::sys::inherit;

use super::Output;

/// The first process of the inside. It dies with this value, and everything inside with it.
#[derive(Debug)]
pub(super) struct Inside {
    child: Child,
    /// Process 1 of the run, which it started.
    first: Option<OwnedFd>,
}

/// How long the inside may take to end by itself, in milliseconds.
const ACCOUNTING: u16 = 1000;
/// Bytes of output that are kept.
const MAX_OUTPUT: usize = 64 << 10;

/// Starts it with the terminal of this process, or with somebody who keeps its output.
///
/// # Errors
/// This binary cannot be started.
pub(super) fn start(
    binary: &Path,
    plan: &Plan,
    channel: OwnedFd,
    output: Output,
) -> Result<(Inside, Option<JoinHandle<String>>), RunError> {
    let failed = |source| RunError::Supervise {
        what: "the plan",
        source,
    };
    let bytes = postcard::to_stdvec(plan).map_err(|e| failed(io::Error::other(e)))?;
    // in memory, because the environment may hold what belongs on no disk
    let memory = rustix::fs::memfd_create("plan", rustix::fs::MemfdFlags::CLOEXEC)
        .map_err(|e| failed(e.into()))?;
    let mut file = std::fs::File::from(memory);
    file.write_all(&bytes)
        .and_then(|()| file.rewind())
        .map_err(failed)?;
    let mut command = Command::new(binary);
    command.arg(COMMAND).env_clear();
    inherit::pass(&mut command, vec![channel, file.into()]);
    let kept = match output {
        Output::Inherited => None,
        Output::Kept => Some(keep(&mut command).map_err(|source| RunError::Supervise {
            what: "the command's output",
            source,
        })?),
    };
    let child = command.spawn().map_err(|source| RunError::Supervise {
        what: "starting the inside",
        source,
    })?;
    // with this value the last end of the pipe outside is closed
    drop(command);
    let inside = Inside { child, first: None };
    Ok((inside, kept))
}

/// Has a thread read what the command writes.
fn keep(command: &mut Command) -> io::Result<JoinHandle<String>> {
    let (mut reader, writer) = io::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    std::thread::Builder::new().spawn(move || {
        let (mut end, mut part) = (Vec::new(), vec![0; 16 << 10]);
        while let Ok(length @ 1..) = reader.read(&mut part) {
            end.extend_from_slice(part.get(..length).unwrap_or(&[]));
            end.drain(..end.len().saturating_sub(MAX_OUTPUT));
        }
        String::from_utf8_lossy(&end).into_owned()
    })
}

impl Inside {
    /// Process 1 of the run is this one.
    ///
    /// # Errors
    /// It is gone.
    pub(super) fn begun(&mut self, pid: i32) -> nix::Result<()> {
        self.first = Some(open(pid)?);
        Ok(())
    }

    /// Kills every process of the run, and waits until none is left.
    pub(super) fn silence(&mut self) {
        let Some(first) = &self.first else {
            return self.end();
        };
        // it may be gone already
        let _ = rustix::process::pidfd_send_signal(first, rustix::process::Signal::KILL);
        // the kernel says that process 1 is gone when it was the last of its namespace
        has_ended(first, PollTimeout::NONE);
    }

    /// Kills whatever is left and waits for it, and for the end of its namespaces.
    pub(super) fn end(&mut self) {
        // without process 1 it ends by itself, and accounts for the time that the run took of the processors
        let by_itself = self.first.is_some()
            && i32::try_from(self.child.id())
                .ok()
                .and_then(|pid| open(pid).ok())
                .is_some_and(|child| has_ended(&child, ACCOUNTING.into()));
        if !by_itself {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Waits for the end of a process; false if it lives on.
fn has_ended(process: &OwnedFd, timeout: PollTimeout) -> bool {
    let mut fds = [PollFd::new(process.as_fd(), PollFlags::POLLIN)];
    loop {
        match poll(&mut fds, timeout) {
            Err(Errno::EINTR) => {}
            done => return done.is_ok_and(|ready| ready > 0),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.end();
    }
}

/// Fetches a descriptor of another process.
///
/// # Errors
/// The process is gone, or the kernel lets nobody look into it.
pub(super) fn fetch(pid: i32, number: i32) -> nix::Result<OwnedFd> {
    rustix::process::pidfd_getfd(
        open(pid)?,
        number,
        rustix::process::PidfdGetfdFlags::empty(),
    )
    .map_err(errno)
}

/// Names a process by a descriptor, because its number may be another one's later.
fn open(pid: i32) -> nix::Result<OwnedFd> {
    let pid = rustix::process::Pid::from_raw(pid).ok_or(Errno::ESRCH)?;
    rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).map_err(errno)
}

fn errno(error: rustix::io::Errno) -> Errno {
    Errno::from_raw(error.raw_os_error())
}
