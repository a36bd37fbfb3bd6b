//! What becomes part of the host: made under a name that nobody else has, and then put in its place.

use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::beneath::Folder;
use super::change::{Change, FileKind};
use super::folders::Tree;
use super::review;

/// What of a mode is applied: never set-user-id, whatever was built.
const MODE: u32 = 0o1777;

/// Makes the new file, link or folder under a spare name.
pub(super) fn make(
    tree: &Tree,
    change: &Change,
    to: &Folder,
    spare: &OsStr,
) -> std::io::Result<()> {
    match &change.file {
        FileKind::Folder => return Ok(rustix::fs::mkdirat(to, spare, Mode::from(0o700))?),
        FileKind::Link(target) => return Ok(rustix::fs::symlinkat(target, to, spare)?),
        FileKind::File | FileKind::Special => {}
    }
    let place = tree.upper.join(&change.path);
    let mut from = review::open(&place)?;
    let meta = from.metadata()?;
    if is_as_its_copy(&meta, &from, change, &to.metadata()?) && moved(&place, to, spare)? {
        return Ok(());
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut to = File::from(rustix::fs::openat(to, spare, flags, Mode::from(0o600))?);
    // shares the blocks where the file system can
    if std::io::copy(&mut from, &mut to)? != meta.len() {
        return Err(std::io::Error::other("its copy is not complete"));
    }
    to.set_times(std::fs::FileTimes::new().set_modified(meta.modified()?))?;
    to.set_permissions(std::fs::Permissions::from_mode(change.mode & MODE))
}

/// True for a file of which a copy would be the same: this user's, with no other name by which it stays behind, no
/// attributes and no rights, neither its own nor those that a new file gets in the folder.
fn is_as_its_copy(meta: &Metadata, file: &File, change: &Change, folder: &Metadata) -> bool {
    let owner = (
        nix::unistd::geteuid().as_raw(),
        nix::unistd::getegid().as_raw(),
    );
    let gives_group = folder.mode() & libc::S_ISGID != 0;
    let has_attributes = || {
        let length = rustix::fs::flistxattr(file, &mut [0_u8; 0][..]);
        !matches!(length, Ok(0) | Err(Errno::NOTSUP))
    };
    meta.is_file()
        && meta.nlink() == 1
        && (meta.uid(), meta.gid()) == owner
        && meta.mode() & 0o7777 == change.mode & MODE
        && meta.dev() == folder.dev()
        && !gives_group
        && !has_attributes()
}

/// Moves a file to its spare name; false where only a copy gets there. Nobody of the run is left who has it open.
fn moved(from: &Path, to: &Folder, spare: &OsStr) -> std::io::Result<bool> {
    match rustix::fs::renameat_with(CWD, from, to, spare, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::XDEV) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
