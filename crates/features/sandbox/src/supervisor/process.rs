//! What `/proc` tells of a process of the run.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use foretaste_io::files;

use crate::overlay::plain;

/// The longest file of `/proc` that is read.
const MAX_STATUS: u64 = 1 << 14;

/// A path in the run, from where the thread is.
pub(super) fn absolute(thread: u32, at: Option<u64>, text: &[u8]) -> Option<PathBuf> {
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

/// A path as text.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Where a link of a process's folder in `/proc` leads.
pub(super) fn directory(thread: u32, what: &str) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/{thread}/{what}")).ok()
}

/// The process that a thread belongs to, and its parent.
pub(super) fn status(thread: u32) -> Option<(u32, u32)> {
    let text = files::read_text(Path::new(&format!("/proc/{thread}/status")), MAX_STATUS).ok()?;
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
    };
    Some((field("Tgid:")?, field("PPid:")?))
}

/// True if a descriptor is a socket of the network, not one between processes of this machine alone.
pub(super) fn is_network_socket(thread: u32, fd: u64) -> bool {
    use rustix::net::AddressFamily;
    let link = directory(thread, &format!("fd/{}", fd as i32));
    if !link.is_some_and(|link| link.as_os_str().as_bytes().starts_with(b"socket:")) {
        return false;
    }
    let family = status(thread)
        .and_then(|(pid, _)| super::start::fetch(pid.cast_signed(), fd as i32).ok())
        .and_then(|socket| rustix::net::sockopt::socket_domain(socket).ok());
    family.is_some_and(|family| [AddressFamily::INET, AddressFamily::INET6].contains(&family))
}
