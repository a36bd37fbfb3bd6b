//! The tables of system calls.

use super::bpf::When;

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// The call's number.
    pub(crate) number: i64,
    /// The name of its number, `SYS_` and the call.
    constant: &'static str,
    /// When.
    pub(crate) when: When,
    /// What it would be good for.
    pub(crate) why: &'static str,
}

impl Refused {
    /// The call's name.
    pub(crate) fn name(&self) -> &'static str {
        self.constant.trim_start_matches("SYS_")
    }
}

macro_rules! refused {
    ($($why:literal: $($call:ident $(($when:expr))?),+;)+) => {
        &[$($(Refused {
            number: libc::$call,
            constant: stringify!($call),
            when: refused!(@when $($when)?),
            why: $why,
        }),+),+]
    };
    (@when) => { When::Always };
    (@when $when:expr) => { $when };
}

/// `CLONE_NEWTIME | NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET`
const NEW_NAMESPACES: u32 = 0x80
    | 0x2_0000
    | 0x200_0000
    | 0x400_0000
    | 0x800_0000
    | 0x1000_0000
    | 0x2000_0000
    | 0x4000_0000;
const SECCOMP_FLAG_NEW_LISTENER: u32 = 8;
const TIOCSTI: u32 = 0x5412;
const TIOCLINUX: u32 = 0x541c;
/// Set-user-id, set-group-id; that files become executable shows in the review.
const GIVES_RIGHTS: u32 = 0o6000;
/// Flags of an `open` that can change something.
pub(crate) const WRITES: u32 =
    (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC) as u32;
#[cfg(target_arch = "x86_64")]
const SYS_RENAMEAT: i64 = libc::SYS_renameat;
/// The kernel has it there, the C library's constants do not.
#[cfg(target_arch = "aarch64")]
const SYS_RENAMEAT: i64 = 38;
/// Linux 6.6; the same on all architectures.
const SYS_FCHMODAT2: i64 = 452;
const AF_NETLINK: u32 = libc::AF_NETLINK as u32;
const AF_INET: u32 = libc::AF_INET as u32;
const AF_INET6: u32 = libc::AF_INET6 as u32;
const CLOSED_BY_EXEC: u32 = libc::SOCK_CLOEXEC as u32;
/// A device of either kind, and neither a pipe nor a socket.
const DEVICE: u32 = 0o020_000;

/// A raw socket of a family of the network. The kernel gives none to a process without rights: it is asked about to be
/// recorded, and netlink's sockets, which are raw as well, are not meant.
const fn raw(family: u32, flags: u32) -> When {
    When::IsAndIs(0, family, 1, libc::SOCK_RAW as u32 | flags)
}

/// A signal to process 1, which keeps the run. The kernel drops these in silence: it is asked about to be recorded.
const fn to_keeper(signal: i32) -> When {
    When::IsAndIs(0, 1, 1, signal as u32)
}

/// What nothing that builds or installs packages needs. They are handed to the supervisor so that they are refused with
/// a record; a supervisor that died answers with `ENOSYS`.
pub(crate) const REFUSED: &[Refused] = refused! {
    "opens and connects unseen by filters": SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register;
    "reads or drives another process": SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev, SYS_process_madvise, SYS_kcmp, SYS_pidfd_getfd;
    "loads code into the kernel": SYS_bpf, SYS_kexec_load, SYS_kexec_file_load, SYS_init_module, SYS_finit_module, SYS_delete_module;
    "a part of the kernel that is known for holes": SYS_perf_event_open, SYS_userfaultfd, SYS_lookup_dcookie, SYS_vhangup, SYS_acct, SYS_quotactl;
    "the keyring of the user": SYS_keyctl, SYS_add_key, SYS_request_key;
    "changes what is mounted": SYS_mount, SYS_umount2, SYS_pivot_root, SYS_chroot, SYS_move_mount, SYS_open_tree, SYS_fsopen, SYS_fsconfig, SYS_fsmount, SYS_fspick, SYS_mount_setattr;
    "makes or enters namespaces": SYS_unshare, SYS_setns, SYS_clone(When::AnyBit(0, NEW_NAMESPACES));
    "opens files past the paths": SYS_name_to_handle_at, SYS_open_by_handle_at;
    "watches the whole machine": SYS_fanotify_init, SYS_syslog;
    "changes the machine": SYS_reboot, SYS_swapon, SYS_swapoff, SYS_settimeofday, SYS_clock_settime, SYS_clock_adjtime, SYS_adjtimex, SYS_sethostname, SYS_setdomainname;
    "types into the terminal": SYS_ioctl(When::Is(1, TIOCSTI)), SYS_ioctl(When::Is(1, TIOCLINUX));
    "a kind of socket that builds do not need": SYS_socket(When::IsNone(0, &[1, 2, 10, AF_NETLINK])), SYS_socket(When::IsAndNot(0, AF_NETLINK, 2, 0));
    "packets past the rules of the network": SYS_socket(raw(AF_INET, 0)), SYS_socket(raw(AF_INET, CLOSED_BY_EXEC)), SYS_socket(raw(AF_INET6, 0)), SYS_socket(raw(AF_INET6, CLOSED_BY_EXEC));
    "makes devices": SYS_mknodat(When::AnyBit(2, DEVICE));
    "ends what keeps the run": SYS_kill(to_keeper(libc::SIGKILL)), SYS_kill(to_keeper(libc::SIGSTOP));
    "a listener for its own filters": SYS_seccomp(When::AnyBit(1, SECCOMP_FLAG_NEW_LISTENER));
};

/// What is reported and then goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    /// A program is started: index of the path, of the arguments, of the directory.
    Exec {
        directory: Option<u8>,
        path: u8,
        argv: u8,
    },
    /// A socket is connected, or a datagram sent: index of the address.
    Address { address: u8 },
    /// A message is sent: index of `struct msghdr`, or of an array of them.
    Message,
    /// A file is opened.
    Open {
        directory: Option<u8>,
        path: u8,
        flags: OpenFlags,
    },
    /// A file is removed.
    Remove { directory: Option<u8>, path: u8 },
    /// A file gets another name: index of the new path.
    Rename {
        directory: Option<u8>,
        from: u8,
        to: u8,
    },
    /// A file gets the right to give rights.
    Mode {
        directory: Option<u8>,
        path: u8,
        mode: u8,
    },
    /// The same, by a descriptor.
    ModeOfOpen { fd: u8, mode: u8 },
    /// A memory file is made: what has no path can be executed all the same.
    Memory,
    /// A process waits: index of the time; of clock and flags, where the time may be a moment of that clock.
    Sleep { time: u8, clock: Option<u8> },
    /// A descriptor becomes standard input, output or error.
    Standard { from: u8, to: u8 },
}

/// Where the flags of an `open` are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenFlags {
    /// In this argument.
    Argument(u8),
    /// In `struct open_how`, which this argument points to.
    How(u8),
    /// It writes.
    #[cfg(target_arch = "x86_64")]
    Create,
}

/// One watched call.
pub(crate) type Watch = (i64, When, Watched);

/// What is always watched.
pub(crate) fn watched() -> Vec<Watch> {
    use Watched as W;
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut))]
    let mut all = vec![
        (
            libc::SYS_execve,
            When::Always,
            W::Exec {
                directory: None,
                path: 0,
                argv: 1,
            },
        ),
        (
            libc::SYS_execveat,
            When::Always,
            W::Exec {
                directory: Some(0),
                path: 1,
                argv: 2,
            },
        ),
        (libc::SYS_connect, When::Always, W::Address { address: 1 }),
        (
            libc::SYS_sendto,
            When::NotNull(4),
            W::Address { address: 4 },
        ),
        (libc::SYS_sendmsg, When::Always, W::Message),
        (libc::SYS_sendmmsg, When::Always, W::Message),
        (
            libc::SYS_unlinkat,
            When::Always,
            W::Remove {
                directory: Some(0),
                path: 1,
            },
        ),
        (
            SYS_RENAMEAT,
            When::Always,
            W::Rename {
                directory: Some(2),
                from: 1,
                to: 3,
            },
        ),
        (
            libc::SYS_renameat2,
            When::Always,
            W::Rename {
                directory: Some(2),
                from: 1,
                to: 3,
            },
        ),
        (
            libc::SYS_fchmodat,
            When::AnyBit(2, GIVES_RIGHTS),
            W::Mode {
                directory: Some(0),
                path: 1,
                mode: 2,
            },
        ),
        (
            SYS_FCHMODAT2,
            When::AnyBit(2, GIVES_RIGHTS),
            W::Mode {
                directory: Some(0),
                path: 1,
                mode: 2,
            },
        ),
        (
            libc::SYS_fchmod,
            When::AnyBit(1, GIVES_RIGHTS),
            W::ModeOfOpen { fd: 0, mode: 1 },
        ),
        (libc::SYS_memfd_create, When::Always, W::Memory),
        (
            libc::SYS_nanosleep,
            When::Always,
            W::Sleep {
                time: 0,
                clock: None,
            },
        ),
        (
            libc::SYS_clock_nanosleep,
            When::Always,
            W::Sleep {
                time: 2,
                clock: Some(0),
            },
        ),
        // to 0 or 1 only: a shell on a socket
        (
            libc::SYS_dup3,
            When::Is(1, 0),
            W::Standard { from: 0, to: 1 },
        ),
        (
            libc::SYS_dup3,
            When::Is(1, 1),
            W::Standard { from: 0, to: 1 },
        ),
    ];
    #[cfg(target_arch = "x86_64")]
    all.extend([
        (
            libc::SYS_unlink,
            When::Always,
            W::Remove {
                directory: None,
                path: 0,
            },
        ),
        (
            libc::SYS_rmdir,
            When::Always,
            W::Remove {
                directory: None,
                path: 0,
            },
        ),
        (
            libc::SYS_rename,
            When::Always,
            W::Rename {
                directory: None,
                from: 0,
                to: 1,
            },
        ),
        (
            libc::SYS_chmod,
            When::AnyBit(1, GIVES_RIGHTS),
            W::Mode {
                directory: None,
                path: 0,
                mode: 1,
            },
        ),
        (
            libc::SYS_dup2,
            When::Is(1, 0),
            W::Standard { from: 0, to: 1 },
        ),
        (
            libc::SYS_dup2,
            When::Is(1, 1),
            W::Standard { from: 0, to: 1 },
        ),
    ]);
    all
}

/// Opens: all that could read or write a file, or those that can change something.
pub(crate) fn opens(all: bool) -> Vec<Watch> {
    use OpenFlags as F;
    use Watched as W;
    let when = |flags: u8| {
        if all {
            // a folder that is listed, or a path that is only held, shows nothing of a file
            When::AnyBitOrNone(flags, WRITES, (libc::O_DIRECTORY | libc::O_PATH) as u32)
        } else {
            When::AnyBit(flags, WRITES)
        }
    };
    #[cfg_attr(not(target_arch = "x86_64"), expect(unused_mut))]
    let mut calls = vec![
        (
            libc::SYS_openat,
            when(2),
            W::Open {
                directory: Some(0),
                path: 1,
                flags: F::Argument(2),
            },
        ),
        (
            libc::SYS_openat2,
            When::Always,
            W::Open {
                directory: Some(0),
                path: 1,
                flags: F::How(2),
            },
        ),
    ];
    #[cfg(target_arch = "x86_64")]
    calls.extend([
        (
            libc::SYS_open,
            when(1),
            W::Open {
                directory: None,
                path: 0,
                flags: F::Argument(1),
            },
        ),
        (
            libc::SYS_creat,
            When::Always,
            W::Open {
                directory: None,
                path: 0,
                flags: F::Create,
            },
        ),
    ]);
    calls
}
