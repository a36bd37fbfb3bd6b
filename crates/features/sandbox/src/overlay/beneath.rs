//! Working in folders of a tree without ever following a link.

use std::ffi::OsStr;
use std::fs::Metadata;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, RenameFlags, ResolveFlags};

/// A folder that is held open: what leads to its path later does not matter.
#[derive(Debug)]
pub(super) struct Folder {
    fd: OwnedFd,
    /// The same as a path.
    path: PathBuf,
}

impl Folder {
    /// Opens a folder below `root` without following any link, so that no link that was put there leads a change
    /// elsewhere.
    ///
    /// # Errors
    /// There is no such folder, or a link is on the way.
    pub(super) fn open(root: &Path, path: &Path) -> std::io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::openat(CWD, root, flags, Mode::empty())?;
        let fd = if path.as_os_str().is_empty() {
            root
        } else {
            let resolve =
                ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
            rustix::fs::openat2(root, path, flags, Mode::empty(), resolve)?
        };
        let path = PathBuf::from(format!("/proc/self/fd/{}", fd.as_raw_fd()));
        Ok(Self { fd, path })
    }

    /// What is known of the folder.
    pub(super) fn metadata(&self) -> std::io::Result<Metadata> {
        // the path is a link to the open folder, which is what is meant
        std::fs::metadata(&self.path)
    }

    /// Changes its mode, but for the bits that give rights.
    pub(super) fn set_mode(&self, mode: u32) -> std::io::Result<()> {
        let mode = std::fs::Permissions::from_mode(mode & 0o1777);
        std::fs::set_permissions(&self.path, mode)
    }

    /// What is known of something in it.
    pub(super) fn look_at(&self, name: &OsStr) -> std::io::Result<Metadata> {
        std::fs::symlink_metadata(self.path.join(name))
    }

    /// Something in it as a path that nobody can lead elsewhere.
    pub(super) fn whole(&self, name: &OsStr) -> PathBuf {
        self.path.join(name)
    }

    /// Renames within the folder; nothing that is there is overwritten.
    pub(super) fn rename(&self, from: &OsStr, to: &OsStr) -> std::io::Result<()> {
        self.rename_with(from, to, RenameFlags::NOREPLACE)
    }

    /// Has two names change places.
    pub(super) fn exchange(&self, a: &OsStr, b: &OsStr) -> std::io::Result<()> {
        self.rename_with(a, b, RenameFlags::EXCHANGE)
    }

    fn rename_with(&self, from: &OsStr, to: &OsStr, flags: RenameFlags) -> std::io::Result<()> {
        Ok(rustix::fs::renameat_with(
            &self.fd, from, &self.fd, to, flags,
        )?)
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
