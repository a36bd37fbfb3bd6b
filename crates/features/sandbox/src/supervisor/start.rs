//! Starting and ending the inside.

use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use nix::errno::Errno;

use crate::contained::{COMMAND, plan::Plan};
use crate::error::RunError;
use crate::sys::inherit;

use super::Output;

/// The first process of the inside. It dies with this value, and everything inside with it.
#[derive(Debug)]
pub(super) struct Inside(Child);

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
    Ok((Inside(child), kept))
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
    /// Kills whatever is left and waits for it.
    pub(super) fn end(&mut self) {
        // it may be gone already
        let _ = self.0.kill();
        let _ = self.0.wait();
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
    let errno = |e: rustix::io::Errno| Errno::from_raw(e.raw_os_error());
    let pid = rustix::process::Pid::from_raw(pid).ok_or(Errno::ESRCH)?;
    let process =
        rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()).map_err(errno)?;
    rustix::process::pidfd_getfd(process, number, rustix::process::PidfdGetfdFlags::empty())
        .map_err(errno)
}
