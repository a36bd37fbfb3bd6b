//! Seccomp user notification: the filter is installed with a listener, and whoever holds the listener is asked about
//! each call that the filter hands on (`seccomp_unotify(2)`).

use std::os::fd::{AsRawFd, BorrowedFd, RawFd};

use nix::errno::Errno;

use crate::seccomp::bpf::Instruction;

const SECCOMP_SET_MODE_FILTER: libc::c_ulong = 1;
const FLAG_NEW_LISTENER: libc::c_ulong = 1 << 3;
const FLAG_WAIT_KILLABLE_RECV: libc::c_ulong = 1 << 5;
const IOCTL_RECV: libc::c_ulong = 0xc050_2100;
const IOCTL_SEND: libc::c_ulong = 0xc018_2101;
const IOCTL_ID_VALID: libc::c_ulong = 0x4008_2102;
const IOCTL_SET_FLAGS: libc::c_ulong = 0x4008_2104;
const FLAG_CONTINUE: u32 = 1;
const SYNC_WAKE_UP: libc::c_ulong = 1;

/// The call, as its registers were.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CallData {
    /// Its number.
    pub(crate) number: i32,
    /// The architecture's number.
    pub(crate) architecture: u32,
    /// Where it was called from.
    pub(crate) instruction: u64,
    /// Its arguments.
    pub(crate) args: [u64; 6],
}

/// A call that waits for an answer.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Call {
    /// Names the call in the answer.
    pub(crate) id: u64,
    /// The calling thread, in this process's pid namespace.
    pub(crate) thread: u32,
    flags: u32,
    /// What was called.
    pub(crate) data: CallData,
}

#[repr(C)]
struct Answer {
    id: u64,
    value: i64,
    error: i32,
    flags: u32,
}

#[repr(C)]
struct Program {
    length: u16,
    filter: *const Instruction,
}

/// Installs the filter for this thread and everything that it will start, and returns the listener's number. It is
/// closed by the next `exec`.
///
/// # Errors
/// What the kernel says; `EINVAL` before 5.19.
pub(crate) fn install(program: &[Instruction]) -> nix::Result<RawFd> {
    let program = Program {
        length: u16::try_from(program.len()).map_err(|_| Errno::E2BIG)?,
        filter: program.as_ptr(),
    };
    // SAFETY: the kernel copies the program during the call; length and pointer are the slice's.
    let listener = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            SECCOMP_SET_MODE_FILTER,
            FLAG_NEW_LISTENER | FLAG_WAIT_KILLABLE_RECV,
            &raw const program,
        )
    };
    Errno::result(listener).map(|fd| fd as RawFd)
}

/// Lets the kernel hand over to the listener without a detour through another processor, where it can (6.6).
pub(crate) fn set_sync_wake_up(listener: BorrowedFd<'_>) -> bool {
    // SAFETY: takes a number, touches no memory of this process.
    unsafe { libc::ioctl(listener.as_raw_fd(), IOCTL_SET_FLAGS, SYNC_WAKE_UP) == 0 }
}

/// Waits for the next call.
///
/// # Errors
/// `ENOENT`: the caller died meanwhile; `EINTR`: a signal came.
pub(crate) fn receive(listener: BorrowedFd<'_>) -> nix::Result<Call> {
    let mut call = Call::default();
    // SAFETY: `Call` has the layout of `struct seccomp_notif`, is zeroed as the kernel asks, and lives long enough.
    let done = unsafe { libc::ioctl(listener.as_raw_fd(), IOCTL_RECV, &raw mut call) };
    Errno::result(done).map(|_| call)
}

/// Lets the call go on as if nothing had happened.
pub(crate) fn let_go_on(listener: BorrowedFd<'_>, call: &Call) {
    answer(listener, call, 0, FLAG_CONTINUE);
}

/// Has the call return 0. It is not executed.
pub(crate) fn succeed(listener: BorrowedFd<'_>, call: &Call) {
    answer(listener, call, 0, 0);
}

/// Fails the call. It is not executed.
pub(crate) fn refuse(listener: BorrowedFd<'_>, call: &Call, error: Errno) {
    answer(listener, call, -(error as i32), 0);
}

fn answer(listener: BorrowedFd<'_>, call: &Call, error: i32, flags: u32) {
    let answer = Answer {
        id: call.id,
        value: 0,
        error,
        flags,
    };
    // A caller that died needs no answer.
    // SAFETY: `Answer` has the layout of `struct seccomp_notif_resp`.
    unsafe { libc::ioctl(listener.as_raw_fd(), IOCTL_SEND, &raw const answer) };
}

/// True if the caller still waits, so that what was read from its memory was its memory.
pub(crate) fn is_valid(listener: BorrowedFd<'_>, call: &Call) -> bool {
    // SAFETY: the kernel reads one number.
    unsafe { libc::ioctl(listener.as_raw_fd(), IOCTL_ID_VALID, &raw const call.id) == 0 }
}
