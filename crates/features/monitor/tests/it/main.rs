//! Watches real commands. These tests need root and a kernel that allows eBPF, the process connector, packet sockets and
//! fanotify; where that is not to be had, `FORETASTE_UNPRIVILEGED=1` leaves them out, and each says so.
#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "a test that is left out says so")]

mod blocking;
mod bypasses;
mod installs;
mod support;
mod watching;
