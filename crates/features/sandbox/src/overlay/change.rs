//! One change.

use std::path::{Path, PathBuf};

use super::stamp::Stamp;
use super::warning::Warning;

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It was not there.
    Added,
    /// Its content, mode or kind is another.
    Changed,
    /// It is gone.
    Deleted,
}

impl ChangeKind {
    /// The sign in front of it.
    pub const fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Changed => '~',
            Self::Deleted => '-',
        }
    }

    /// The word in data.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Deleted => "deleted",
        }
    }
}

/// What a path is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link, with what it says.
    Link(PathBuf),
    /// A device, a pipe or a socket.
    Special,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which of the run's trees.
    pub tree: usize,
    /// Below the tree.
    pub path: PathBuf,
    /// What happened.
    pub kind: ChangeKind,
    /// What it is now, or was.
    pub file: FileKind,
    /// Bytes now; of something deleted, before.
    pub size: u64,
    /// Permissions now; of something deleted, before.
    pub mode: u32,
    /// Permissions before, if they are others.
    pub mode_before: Option<u32>,
    /// Files that are deleted with it.
    pub files_below: usize,
    /// The host changed it after the run began.
    pub host_changed: bool,
    /// How the host's was when the changes were looked at.
    pub(crate) before: Option<Stamp>,
    /// What is to be looked at.
    pub warnings: Vec<Warning>,
}

impl Change {
    /// True if it lies at or below `prefix`, a path below the tree.
    pub fn is_below(&self, prefix: &Path) -> bool {
        self.path.starts_with(prefix)
    }
}
