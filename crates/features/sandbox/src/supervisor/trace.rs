//! Answers the filter. Whether a call is refused is decided by its registers; memory is read for the record alone,
//! because it can change after it was read.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use foretaste_behaviour::{Access, Action, Process};
use foretaste_io::files;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{Shared, memory};
use crate::contained::plan::Plan;
use crate::seccomp::calls::{OpenFlags, Watched};
use crate::seccomp::filter::{Asked, Table};
use crate::sys::notify::{self, Call};

/// The longest file of `/proc` that is read.
const MAX_STATUS: u64 = 1 << 16;

/// Starts the thread that answers.
pub(super) fn start(
    listener: OwnedFd,
    plan: &Plan,
    shared: Arc<Shared>,
    root: u32,
) -> JoinHandle<()> {
    let (watch, answered) = (plan.watch, plan.ports.clone().unwrap_or_default());
    std::thread::spawn(move || {
        notify::set_sync_wake_up(listener.as_fd());
        let tracer = Tracer {
            listener,
            table: Table::new(watch),
            shared,
            root,
            answered,
        };
        tracer.answer_all();
    })
}

struct Tracer {
    listener: OwnedFd,
    table: Table,
    shared: Arc<Shared>,
    /// The process of the command itself.
    root: u32,
    /// Ports on which the supervisor itself listens, and takes down who comes.
    answered: Vec<u16>,
}

impl Tracer {
    fn answer_all(&self) {
        loop {
            let mut fds = [PollFd::new(self.listener.as_fd(), PollFlags::POLLIN)];
            match poll(&mut fds, PollTimeout::NONE) {
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return,
            }
            let ready = fds[0].revents().unwrap_or(PollFlags::empty());
            if !ready.contains(PollFlags::POLLIN) {
                // nobody is left under the filter
                if ready.intersects(PollFlags::POLLHUP | PollFlags::POLLERR) {
                    return;
                }
                continue;
            }
            match notify::receive(self.listener.as_fd()) {
                Ok(call) => self.answer(&call),
                Err(Errno::ENOENT | Errno::EINTR) => {}
                Err(_) => return,
            }
        }
    }

    fn answer(&self, call: &Call) {
        match self.table.of(i64::from(call.data.number), &call.data.args) {
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
            Some(Asked::Watched(watched)) => {
                self.take_down(call, watched);
                notify::let_go_on(self.listener.as_fd(), call);
            }
            None => notify::refuse(self.listener.as_fd(), call, Errno::EPERM),
        }
    }

    fn add(&self, call: &Call, action: Action) {
        let entry = self.entry(call.thread);
        let now = self.shared.now();
        self.shared.record(|record| record.add(now, entry, action));
    }

    fn take_down(&self, call: &Call, watched: Watched) {
        let arg = |index: u8| call.data.args[usize::from(index)];
        match watched {
            Watched::Exec {
                directory,
                path,
                argv,
            } => self.exec(call, directory.map(arg), arg(path), arg(argv)),
            Watched::Address {
                address,
                bind: false,
            } => self.address(call, arg(address)),
            Watched::Address { .. } => {}
            Watched::Message => {
                // struct msghdr begins with the address; struct mmsghdr begins with struct msghdr
                if let Some(address) =
                    memory::number(call.thread, arg(1)).filter(|address| *address != 0)
                {
                    self.address(call, address);
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
                    OpenFlags::Create => libc::O_WRONLY as u64,
                };
                let writes = (libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC) as u64;
                self.open(call, directory.map(arg), arg(path), flags & writes != 0);
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
                let mode = arg(mode) as u32 & 0o7777;
                // set-user-id, set-group-id; that files become executable shows in the review
                if mode & 0o6000 != 0
                    && let Some(path) = Self::path(call.thread, directory.map(arg), arg(path))
                {
                    self.add(
                        call,
                        Action::Mode {
                            path: shown(&path),
                            mode,
                        },
                    );
                }
            }
            Watched::Memory => self.add(call, Action::MemoryFile),
            Watched::Sleep { time } => {
                let seconds = memory::number(call.thread, arg(time)).unwrap_or(0);
                if seconds >= 10 {
                    self.add(call, Action::Sleep { seconds });
                }
            }
            Watched::Standard { from, to } => self.standard(call, arg(from), arg(to)),
        }
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

    fn open(&self, call: &Call, directory: Option<u64>, path: u64, writes: bool) {
        if writes {
            if let Some(path) = Self::path(call.thread, directory, path) {
                self.write(call, &path);
            }
            return;
        }
        let Some(path) = Self::path(call.thread, directory, path) else {
            return;
        };
        let path = shown(&path);
        if let Some(what) = foretaste_behaviour::sensitive::what(&path) {
            self.add(
                call,
                Action::SensitiveRead {
                    path,
                    what: what.to_owned(),
                },
            );
        }
    }

    fn write(&self, call: &Call, path: &Path) {
        if path.starts_with("/dev") {
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

    fn address(&self, call: &Call, address: u64) {
        let mut bytes = [0; 28];
        if let Some(path) = unix_path(call.thread, address)
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
        let Some(length) = memory::read(call.thread, address, &mut bytes) else {
            return;
        };
        let Some((address, port)) = socket_address(bytes.get(..length).unwrap_or(&[])) else {
            return;
        };
        if let Ok(ip) = address.parse() {
            self.shared.calls(ip, port, self.entry(call.thread));
        }
        // those ports are answered, and taken down, by the supervisor's own listeners
        let is_answered = self.answered.contains(&port);
        let is_own = address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
        if is_answered || is_own || !notify::is_valid(self.listener.as_fd(), call) {
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
                address,
                port,
                sent: 0,
                received: 0,
            },
        );
    }

    fn standard(&self, call: &Call, from: u64, to: u64) {
        if to > 1 {
            return;
        }
        let link = std::fs::read_link(format!("/proc/{}/fd/{}", call.thread, from as i32));
        if link.is_ok_and(|link| link.as_os_str().as_bytes().starts_with(b"socket:")) {
            let family = files::read_text(
                Path::new(&format!("/proc/{}/net/tcp", call.thread)),
                MAX_STATUS,
            )
            .unwrap_or_default();
            // a pair of sockets between parent and child is how some programs talk; only the network is a shell's line out
            if family.lines().count() > 1 {
                self.add(
                    call,
                    Action::SocketAsStandard {
                        descriptor: to as u8,
                    },
                );
            }
        }
    }

    /// A path argument as an absolute path in the run.
    fn path(thread: u32, at: Option<u64>, address: u64) -> Option<PathBuf> {
        absolute(thread, at, &memory::text(thread, address)?)
    }
}

/// A path in the run, from where the thread is.
fn absolute(thread: u32, at: Option<u64>, text: &[u8]) -> Option<PathBuf> {
    let path = Path::new(std::ffi::OsStr::from_bytes(text));
    if path.is_absolute() {
        return Some(plain(path));
    }
    let base = match at.map(|fd| fd as i32) {
        None | Some(libc::AT_FDCWD) => directory(thread, "cwd")?,
        Some(fd) => directory(thread, &format!("fd/{fd}"))?,
    };
    Some(plain(&base.join(path)))
}

/// Without `.` and `..`, by words alone.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => {
                plain.pop();
            }
            _ => {}
        }
    }
    plain
}

fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn directory(thread: u32, what: &str) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{thread}/{what}")).ok()
}

/// The process that a thread belongs to, and its parent.
fn status(thread: u32) -> Option<(u32, u32)> {
    let text = files::read_text(Path::new(&format!("/proc/{thread}/status")), MAX_STATUS).ok()?;
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    };
    Some((field("Tgid:")?, field("PPid:")?))
}

/// Address and port of a `sockaddr`, or the path of a Unix one with port 0; `None` for other families.
fn socket_address(bytes: &[u8]) -> Option<(String, u16)> {
    let family = u16::from_ne_bytes(bytes.get(..2)?.try_into().ok()?);
    let port = u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?);
    match i32::from(family) {
        libc::AF_INET => {
            let ip: [u8; 4] = bytes.get(4..8)?.try_into().ok()?;
            Some((Ipv4Addr::from(ip).to_string(), port))
        }
        libc::AF_INET6 => {
            let ip: [u8; 16] = bytes.get(8..24)?.try_into().ok()?;
            let ip = Ipv6Addr::from(ip);
            Some((
                ip.to_ipv4_mapped()
                    .map_or_else(|| ip.to_string(), |v4| v4.to_string()),
                port,
            ))
        }
        _ => None,
    }
}

/// The path of a Unix socket's address.
fn unix_path(thread: u32, address: u64) -> Option<String> {
    let mut family = [0; 2];
    memory::read(thread, address, &mut family)?;
    if i32::from(u16::from_ne_bytes(family)) != libc::AF_UNIX {
        return None;
    }
    Some(String::from_utf8_lossy(&memory::text(thread, address + 2)?).into_owned())
}
