//! Copy-on-write: what the command changes lies beside the real files until somebody decides.

mod beneath;
pub mod change;
pub mod commit;
pub mod diff;
pub mod folders;
mod journal;
pub mod review;
mod spare;
mod stamp;
pub mod warning;

pub use change::{Change, ChangeKind, FileKind};
pub use review::Review;
pub use warning::{Warning, Worry};

use std::ffi::{OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, RawDir};
use rustix::path::Arg;

/// Bytes of the entries of a folder that are read at once.
const ENTRIES: usize = 8 << 10;

/// The names in a folder, sorted, which is not followed if it is a link.
pub(crate) fn names(folder: &Path) -> rustix::io::Result<Vec<OsString>> {
    names_of(&open_folder(CWD, folder)?)
}

/// The names in an open folder, sorted.
pub(crate) fn names_of(folder: &OwnedFd) -> rustix::io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    // of the descriptor itself: another way would open each folder a second time
    let mut buffer = [MaybeUninit::uninit(); ENTRIES];
    let mut entries = RawDir::new(folder, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name = OsStr::from_bytes(entry.file_name().to_bytes());
        if name != "." && name != ".." {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Opens a folder in another one to read it, unless it is a link.
pub(crate) fn open_folder(at: impl AsFd, folder: impl Arg) -> rustix::io::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    rustix::fs::openat(at, folder, flags, Mode::empty())
}

/// Without `.` and `..`, by words alone.
pub(crate) fn plain(path: &Path) -> PathBuf {
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
