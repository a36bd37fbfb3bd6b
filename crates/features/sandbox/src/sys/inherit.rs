//! Giving a child descriptors under numbers that it knows.

use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Has `command` inherit `fds` under the numbers 3, 4, ..., and nothing else but the three standard streams.
pub(crate) fn pass(command: &mut Command, fds: Vec<OwnedFd>) {
    // SAFETY: the closure calls only `fcntl`, `dup2` and `close_range`, which are safe between fork and exec, and
    // allocates nothing.
    unsafe {
        command.pre_exec(move || {
            // first above all targets, so that no target overwrites a source
            let mut raised = [0; 4];
            for (fd, slot) in fds.iter().zip(&mut raised) {
                *slot = libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 16);
                if *slot < 0 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            for (number, fd) in (3..).zip(raised.iter().take(fds.len())) {
                if libc::dup2(*fd, number) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            // whatever else the caller left open would lead past mounts, network and filter
            let first = 3 + fds.len() as libc::c_uint;
            let closed = libc::syscall(
                libc::SYS_close_range,
                first,
                libc::c_uint::MAX,
                libc::CLOSE_RANGE_CLOEXEC,
            );
            if closed < 0 {
                return Err(std::io::Error::last_os_error());
            }
            Ok(())
        });
    }
}

/// Takes a descriptor that [`pass`] gave this process. Each number may be taken once.
///
/// # Errors
/// No such descriptor was passed.
pub(crate) fn take(number: i32) -> std::io::Result<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: `fcntl` only looks whether the number is in use.
    if unsafe { libc::fcntl(number, libc::F_SETFD, libc::FD_CLOEXEC) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open, and nothing else in this process knows it.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}
