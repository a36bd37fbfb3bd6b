//! Answers the filter. Whether a call is refused is decided by its registers; memory is read for the record alone,
//! because it can change after it was read.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use foretaste_behaviour::{Access, Action, Process, sensitive};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::address::{self, changes_network, is_netlink, of_network, unix_path};
use super::process::{absolute, directory, is_network_socket, shown, status};
use super::{Shared, memory};
use crate::contained::plan::Plan;
use crate::kernel;
use crate::rootfs::system::SHARED_MEMORY;
use crate::seccomp::calls::{OpenFlags, WRITES, Watched};
use crate::seccomp::filter::{Asked, Table};
use crate::sys::notify::{self, Call};

/// Starts the thread that answers.
pub(super) fn start(
    listener: OwnedFd,
    plan: &Plan,
    shared: Arc<Shared>,
    root: u32,
) -> JoinHandle<()> {
    let (watch, answered) = (plan.watch, plan.ports.clone());
    let skips_sleeps = plan.skip_sleeps;
    std::thread::spawn(move || {
        notify::set_sync_wake_up(listener.as_fd());
        let tracer = Tracer {
            listener,
            table: Table::new(watch),
            shared,
            root,
            answered,
            skips_sleeps,
        };
        tracer.answer_all();
    })
}

/// What becomes of a call that was taken down.
enum Answer {
    /// The kernel does it.
    GoOn,
    /// It succeeds without having been done.
    Done,
}

struct Tracer {
    listener: OwnedFd,
    table: Table,
    shared: Arc<Shared>,
    /// The process of the command itself.
    root: u32,
    /// Ports on which the supervisor itself listens, and takes down who comes.
    answered: Vec<u16>,
    /// Long sleeps end at once.
    skips_sleeps: bool,
}

impl Tracer {
    fn answer_all(&self) {
        // where the kernel wakes who waits for the next call when nobody is left, one call less is needed for each
        let must_poll = !kernel::is_at_least(6, 11);
        loop {
            if must_poll && self.is_over(PollTimeout::NONE) {
                return;
            }
            match notify::receive(self.listener.as_fd()) {
                Ok(call) => self.answer(&call),
                Err(Errno::ENOENT) if self.is_over(PollTimeout::ZERO) => return,
                Err(Errno::ENOENT | Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }

    /// True if nobody is left under the filter; waits as long for a call to answer.
    fn is_over(&self, timeout: PollTimeout) -> bool {
        let mut fds = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
        loop {
            match poll(&mut fds, timeout) {
                Err(Errno::EINTR) => {}
                Err(_) => return true,
                Ok(_) => break,
            }
        }
        let ready = fds[0].revents().unwrap_or(PollFlags::empty());
        let gone = PollFlags::POLLHUP | PollFlags::POLLERR;
        !ready.contains(PollFlags::POLLIN) && ready.intersects(gone)
    }

    fn answer(&self, call: &Call) {
        match self.table.of(&call.data) {
            Some(Asked::Refused(refused)) => {
                // as on a kernel without it, so that programs take the way round that they have
                let error = if refused.name().starts_with("io_uring") {
                    Errno::ENOSYS
                } else {
                    Errno::EPERM
                };
                notify::refuse(self.listener.as_fd(), call, error);
                let action = Action::Refused {
                    call: refused.name().to_owned(),
                    reason: refused.why.to_owned(),
                };
                self.add(call, action);
            }
            Some(Asked::Watched(watched)) => match self.take_down(call, watched) {
                Answer::GoOn => notify::let_go_on(self.listener.as_fd(), call),
                Answer::Done => notify::succeed(self.listener.as_fd(), call),
            },
            Some(Asked::Foreign) => {
                self.add(
                    call,
                    Action::Refused {
                        call: format!("{:#x} of another architecture", call.data.number),
                        reason: "numbers that mean other calls than the filter's".to_owned(),
                    },
                );
                // it waits for the answer, so that its number is nobody else's; it is not let try again for ever
                let _ = kill(Pid::from_raw(call.thread.cast_signed()), Signal::SIGKILL);
                notify::refuse(self.listener.as_fd(), call, Errno::EPERM);
            }
            None => notify::refuse(self.listener.as_fd(), call, Errno::EPERM),
        }
    }

    fn add(&self, call: &Call, action: Action) {
        let entry = self.entry(call.thread);
        let now = self.shared.now();
        self.shared.record(|record| record.add(now, entry, action));
    }

    fn take_down(&self, call: &Call, watched: Watched) -> Answer {
        let arg = |index: u8| call.data.args[usize::from(index)];
        match watched {
            Watched::Exec {
                directory,
                path,
                argv,
            } => self.exec(call, directory.map(arg), arg(path), arg(argv)),
            Watched::Address { address } => self.address(call, arg(address), arg(1)),
            Watched::Message => {
                // struct msghdr begins with the address; struct mmsghdr begins with struct msghdr
                if let Some(address) =
                    memory::number(call.thread, arg(1)).filter(|address| *address != 0)
                {
                    // then come the address's length and where the first part of the message stands
                    let parts = memory::number(call.thread, arg(1).wrapping_add(16));
                    let message = parts.and_then(|parts| memory::number(call.thread, parts));
                    self.address(call, address, message.unwrap_or(0));
                }
            }
            Watched::Open {
                directory,
                path,
                flags,
            } => {
                let flags = match flags {
                    OpenFlags::Argument(index) => arg(index),
                    OpenFlags::How(index) => memory::number(call.thread, arg(index)).unwrap_or(0),
                    #[cfg(target_arch = "x86_64")]
                    OpenFlags::Create => libc::O_WRONLY as u64,
                };
                self.open(call, directory.map(arg), arg(path), flags);
            }
            Watched::Remove { directory, path } => {
                if let Some(path) = Self::path(call.thread, directory.map(arg), arg(path)) {
                    self.add(call, Action::Remove { path: shown(&path) });
                }
            }
            Watched::Rename { directory, to, .. } => {
                if let Some(path) = Self::path(call.thread, directory.map(arg), arg(to)) {
                    self.write(call, &path);
                }
            }
            Watched::Mode {
                directory,
                path,
                mode,
            } => {
                if let Some(path) = Self::path(call.thread, directory.map(arg), arg(path)) {
                    self.mode(call, &path, arg(mode));
                }
            }
            Watched::ModeOfOpen { fd, mode } => {
                let link = format!("fd/{}", arg(fd) as i32);
                if let Some(path) = directory(call.thread, &link) {
                    self.mode(call, &path, arg(mode));
                }
            }
            Watched::Memory => self.add(call, Action::MemoryFile),
            Watched::Sleep { time, clock } => {
                let seconds = Self::seconds(call.thread, arg(time), clock.map(arg), arg(1));
                if seconds >= 10 {
                    self.add(call, Action::Sleep { seconds });
                }
                if seconds >= 1 && self.skips_sleeps {
                    return Answer::Done;
                }
            }
            Watched::Standard { from, to } => self.standard(call, arg(from), arg(to)),
        }
        Answer::GoOn
    }

    /// How long a sleep lasts. With the flag of `clock_nanosleep` its time is the moment at which it ends.
    fn seconds(thread: u32, time: u64, clock: Option<u64>, flags: u64) -> u64 {
        use rustix::time::{ClockId, clock_gettime};
        let time = memory::number(thread, time).unwrap_or(0);
        let Some(clock) = clock.filter(|_| flags as i32 & libc::TIMER_ABSTIME != 0) else {
            return time;
        };
        let clock = match clock as i32 {
            libc::CLOCK_REALTIME => ClockId::Realtime,
            libc::CLOCK_BOOTTIME => ClockId::Boottime,
            _ => ClockId::Monotonic,
        };
        let now = u64::try_from(clock_gettime(clock).tv_sec).unwrap_or(0);
        time.saturating_sub(now)
    }

    fn exec(&self, call: &Call, at: Option<u64>, path: u64, argv: u64) {
        let Some(text) = memory::text(call.thread, path) else {
            return;
        };
        // a program may be given by its descriptor alone
        let by_descriptor = at
            .filter(|_| text.is_empty())
            .and_then(|fd| directory(call.thread, &format!("fd/{}", fd as i32)));
        let Some(program) = by_descriptor.or_else(|| absolute(call.thread, at, &text)) else {
            return;
        };
        let is_special = program.starts_with("/proc")
            || program.starts_with("/dev/fd")
            || program.starts_with("/memfd:");
        // a search along PATH tries files that are not there
        let inside = Path::new("/proc")
            .join(call.thread.to_string())
            .join("root")
            .join(program.strip_prefix("/").unwrap_or(&program));
        if !is_special && std::fs::metadata(inside).is_err() {
            return;
        }
        let arguments: Vec<String> = memory::texts(call.thread, argv)
            .iter()
            .map(|a| String::from_utf8_lossy(a).into_owned())
            .collect();
        if !notify::is_valid(self.listener.as_fd(), call) {
            return;
        }
        let (pid, parent) = status(call.thread).unwrap_or((call.thread, 0));
        let directory = directory(call.thread, "cwd").unwrap_or_default();
        let now = self.shared.now();
        let joined = arguments.join("\0");
        // what was forked is, before it becomes another program, what its parent is
        let before = self
            .entry(pid)
            .or_else(|| self.entry_of_parent(pid, parent));
        self.shared.record(|record| {
            let process = Process {
                pid,
                parent: before,
                program: shown(&program),
                package: foretaste_behaviour::attribution::package(&arguments, &directory),
                arguments,
                directory: shown(&directory),
            };
            record.start(now, process);
        });
        let entry = self.entry(pid);
        self.shared
            .inspect_arguments(&joined, &shown(&program), entry);
    }

    /// The entry of the process that a thread belongs to.
    fn entry(&self, thread: u32) -> Option<usize> {
        if let Some(entry) = self.shared.record(|record| record.entry(thread)) {
            return Some(entry);
        }
        let (pid, parent) = status(thread)?;
        let entry = self
            .shared
            .record(|record| record.entry(pid))
            .or_else(|| self.entry_of_parent(pid, parent))?;
        self.shared.record(|record| record.adopt(thread, entry));
        Some(entry)
    }

    /// Looks upwards for a process that has an entry.
    fn entry_of_parent(&self, pid: u32, parent: u32) -> Option<usize> {
        let (mut pid, mut parent) = (pid, parent);
        for _ in 0..32 {
            if pid == self.root || parent == 0 {
                return None;
            }
            if let Some(entry) = self.shared.record(|record| record.entry(parent)) {
                return Some(entry);
            }
            (pid, parent) = status(parent)?;
        }
        None
    }

    fn open(&self, call: &Call, directory: Option<u64>, path: u64, flags: u64) {
        let Some(text) = memory::text(call.thread, path) else {
            return;
        };
        if flags & u64::from(WRITES) != 0 {
            if flags as i32 & libc::O_TMPFILE == libc::O_TMPFILE {
                self.add(call, Action::MemoryFile);
            } else if let Some(path) = absolute(call.thread, directory, &text) {
                self.write(call, &path);
            }
            return;
        }
        // most files that are opened are nobody's secret, which most of their names tell without another look
        if text.starts_with(b"/") && !sensitive::may_be(&text) {
            return;
        }
        let Some(path) = absolute(call.thread, directory, &text) else {
            return;
        };
        let path = shown(&path);
        if let Some(what) = sensitive::what(&path) {
            self.add(
                call,
                Action::SensitiveRead {
                    path,
                    what: what.to_owned(),
                },
            );
        }
    }

    fn mode(&self, call: &Call, path: &Path, mode: u64) {
        let action = Action::Mode {
            path: shown(path),
            mode: mode as u32 & 0o7777,
        };
        self.add(call, action);
    }

    fn write(&self, call: &Call, path: &Path) {
        // devices; what lies in shared memory is files like others
        if path.starts_with("/dev") && !path.starts_with(SHARED_MEMORY) {
            return;
        }
        let path = shown(path);
        if self.shared.record(|record| record.was_written(&path)) {
            return;
        }
        let entry = self.entry(call.thread);
        let now = self.shared.now();
        self.shared.record(|record| {
            record.write(entry, path.clone());
            record.add(now, entry, Action::Write { path });
        });
    }

    fn address(&self, call: &Call, address: u64, message: u64) {
        let mut bytes = [0; address::LONGEST];
        let length = memory::read(call.thread, address, &mut bytes).unwrap_or(0);
        let bytes = bytes.get(..length).unwrap_or(&[]);
        if let Some(path) = unix_path(bytes)
            .filter(|path| path.ends_with("docker.sock") || path.ends_with("containerd.sock"))
        {
            self.add(
                call,
                Action::SensitiveRead {
                    path,
                    what: "the container engine".to_owned(),
                },
            );
            return;
        }
        if is_netlink(bytes) {
            let mut head = [0; 8];
            let length = memory::read(call.thread, message, &mut head).unwrap_or(0);
            if changes_network(head.get(..length).unwrap_or(&[])) {
                // without rights in its namespace, the kernel refuses it, whatever is written there meanwhile
                self.add(
                    call,
                    Action::Refused {
                        call: "netlink".to_owned(),
                        reason: "changes the devices, addresses and routes of the network"
                            .to_owned(),
                    },
                );
            }
            return;
        }
        let Some((ip, port)) = of_network(bytes) else {
            return;
        };
        self.shared.calls(ip, port, self.entry(call.thread));
        // those ports are answered, and taken down, by the supervisor's own listeners
        let is_answered = self.answered.contains(&port);
        if is_answered || ip.is_loopback() || !notify::is_valid(self.listener.as_fd(), call) {
            return;
        }
        let connects = i64::from(call.data.number) == libc::SYS_connect;
        self.add(
            call,
            Action::Connection {
                protocol: if connects { "tcp or udp" } else { "udp" }.to_owned(),
                host: None,
                access: Access::Denied,
                reason: Some("no service is allowed on this port".to_owned()),
                address: ip.to_string(),
                port,
                sent: 0,
                received: 0,
            },
        );
    }

    /// A pair of sockets between parent and child is how some programs talk; only the network is a shell's line out.
    fn standard(&self, call: &Call, from: u64, to: u64) {
        if is_network_socket(call.thread, from) {
            let descriptor = to as u8;
            self.add(call, Action::SocketAsStandard { descriptor });
        }
    }

    /// A path argument as an absolute path in the run.
    fn path(thread: u32, at: Option<u64>, address: u64) -> Option<PathBuf> {
        absolute(thread, at, &memory::text(thread, address)?)
    }
}
