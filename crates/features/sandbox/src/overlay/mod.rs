//! Copy-on-write: what the command changes lies beside the real files until somebody decides.

mod beneath;
pub mod change;
pub mod commit;
pub mod diff;
pub mod folders;
mod journal;
pub mod review;
mod stamp;
pub mod warning;

pub use change::{Change, ChangeKind, FileKind};
pub use review::Review;
pub use warning::{Warning, Worry};

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{Dir, Mode, OFlags};

/// The names in a folder, sorted, which is not followed if it is a link.
pub(crate) fn names(folder: &Path) -> rustix::io::Result<Vec<OsString>> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut names: Vec<OsString> = Dir::new(rustix::fs::open(folder, flags, Mode::empty())?)?
        .flatten()
        .map(|entry| OsStr::from_bytes(entry.file_name().to_bytes()).to_owned())
        .filter(|name| name != "." && name != "..")
        .collect();
    names.sort();
    Ok(names)
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
