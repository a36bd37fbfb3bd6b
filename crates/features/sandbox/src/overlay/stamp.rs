//! Which file something is, and whether it is still as it was.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// Which file something is, whatever it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Identity {
    device: u64,
    number: u64,
}

impl Identity {
    /// Of what was looked at.
    pub(crate) fn of(meta: &Metadata) -> Self {
        Self {
            device: meta.dev(),
            number: meta.ino(),
        }
    }

    /// True if this file is what the path names, which is not followed if it is a link.
    pub(crate) fn is_at(self, path: &Path) -> bool {
        std::fs::symlink_metadata(path).is_ok_and(|meta| Self::of(&meta) == self)
    }
}

/// How a file was when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) identity: Identity,
    mode: u32,
    size: u64,
    /// When its content changed: seconds and nanoseconds.
    modified: (i64, i64),
    /// When anything of it changed, its name included.
    changed: Moment,
}

/// A moment as file systems write it: seconds and nanoseconds since 1970.
pub(crate) type Moment = (i64, i64);

impl Stamp {
    /// Of what was looked at.
    pub(crate) fn of(meta: &Metadata) -> Self {
        Self {
            identity: Identity::of(meta),
            mode: meta.mode(),
            size: meta.size(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        }
    }

    /// True if the file is as it was, under the same or another name.
    pub(crate) fn is_but_for_its_name(self, other: Self) -> bool {
        let unnamed = |stamp| Self {
            changed: (0, 0),
            ..stamp
        };
        unnamed(self) == unnamed(other)
    }

    /// True for a folder.
    pub(crate) const fn is_folder(self) -> bool {
        self.mode & libc::S_IFMT == libc::S_IFDIR
    }
}

/// When anything of a file changed last.
pub(crate) fn changed(meta: &Metadata) -> Moment {
    (meta.ctime(), meta.ctime_nsec())
}

/// True if something below a folder changed after a moment, or cannot be looked at.
pub(crate) fn is_younger_below(folder: &Path, than: Moment) -> bool {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(names) = super::names(&folder) else {
            return true;
        };
        for name in names {
            let path = folder.join(name);
            match std::fs::symlink_metadata(&path) {
                Ok(meta) if changed(&meta) > than => return true,
                Ok(meta) if meta.is_dir() => folders.push(path),
                Ok(_) => {}
                Err(_) => return true,
            }
        }
    }
    false
}
