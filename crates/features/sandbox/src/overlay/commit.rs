//! Applies changes to the host: each at once, all of them or none.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write as _;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, ResolveFlags};

use super::change::{Change, ChangeKind, FileKind};
use super::folders::Tree;
use super::journal::{Entry, Journal};
use super::review::{self, Review};
use super::warning::Worry;
use crate::error::RunError;

/// What was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many changes.
    pub changes: usize,
    /// Changes that are never applied, with the reason.
    pub refused: Vec<(PathBuf, &'static str)>,
}

/// Applies the changes that `wanted` picks. `journal` is a file that does not exist yet.
///
/// # Errors
/// A change cannot be applied, the host changed the same file meanwhile, or a part of the run could not be looked at.
/// What was applied before it is taken back.
pub fn apply(
    review: &Review,
    trees: &[Tree],
    journal: &Path,
    wanted: impl Fn(&Change) -> bool,
) -> Result<Applied, RunError> {
    if let Some(why) = review.unreadable.first() {
        return Err(RunError::Commit {
            path: PathBuf::from(why),
            reason: "not everything could be looked at".to_owned(),
        });
    }
    let mut applied = Applied::default();
    let mut picked = Vec::new();
    for change in review.changes.iter().filter(|change| wanted(change)) {
        if let Some(warning) = change.warnings.iter().find(|w| w.worry == Worry::Refuse) {
            applied.refused.push((review.path(change), warning.words));
        } else if change.host_changed {
            return Err(RunError::Commit {
                path: review.path(change),
                reason: "it was changed outside while the command ran; nothing was applied"
                    .to_owned(),
            });
        } else {
            picked.push(change);
        }
    }
    // what is deleted makes room first, and parents stand before what is in them
    picked.sort_by_key(|change| {
        (
            change.kind != ChangeKind::Deleted,
            change.tree,
            &change.path,
        )
    });
    let failed = |path: PathBuf| {
        move |error: std::io::Error| RunError::Commit {
            path,
            reason: error.to_string(),
        }
    };
    let mut log = Journal::begin(journal).map_err(failed(journal.to_owned()))?;
    for (number, change) in picked.iter().enumerate() {
        let Some(tree) = trees.get(change.tree) else {
            continue;
        };
        if let Err(error) = one(tree, change, number, &mut log) {
            log.roll_back();
            let path = review.path(change);
            return Err(RunError::Commit {
                path,
                reason: format!("{error}; everything was taken back"),
            });
        }
    }
    log.finish().map_err(failed(journal.to_owned()))?;
    applied.changes = picked.len();
    Ok(applied)
}

/// Where a change happens: the open parent folder, reached without any link.
struct At<'a> {
    parent: OwnedFd,
    /// The parent folder as a path that cannot be redirected.
    folder: PathBuf,
    name: &'a OsStr,
    whole: PathBuf,
    spare: String,
}

fn one(tree: &Tree, change: &Change, number: usize, log: &mut Journal) -> std::io::Result<()> {
    let whole = tree.lower.join(&change.path);
    let Some(name) = change.path.file_name() else {
        return Ok(());
    };
    let parent = open_beneath(&tree.lower, change.path.parent().unwrap_or(Path::new("")))?;
    let folder = PathBuf::from(format!("/proc/self/fd/{}", parent.as_raw_fd()));
    let spare = format!(".foretaste-{}-{number}", std::process::id());
    let at = At {
        parent,
        folder,
        name,
        whole,
        spare,
    };
    let spare = at.whole.with_file_name(&at.spare);
    match (change.kind, &change.file) {
        (ChangeKind::Deleted, _) => {
            log.write(Entry::Vanish(at.whole.clone(), spare))?;
            rename(&at, at.name, OsStr::new(&at.spare))
        }
        (ChangeKind::Added, FileKind::Folder) => {
            log.write(Entry::Folder(at.whole.clone()))?;
            rustix::fs::mkdirat(&at.parent, at.name, Mode::from(0o700))?;
            set_mode(&at, at.name, change.mode)
        }
        (ChangeKind::Changed, FileKind::Folder) => change_folder(&at, change, log, spare),
        (kind, file) => {
            make_spare(tree, change, file, &at)?;
            if kind == ChangeKind::Added {
                log.write(Entry::Appear(at.whole.clone()))?;
                return rename(&at, OsStr::new(&at.spare), at.name);
            }
            log.write(Entry::Exchange(at.whole.clone(), spare))?;
            let (from, to) = (OsStr::new(&at.spare), at.name);
            Ok(rustix::fs::renameat_with(
                &at.parent,
                from,
                &at.parent,
                to,
                RenameFlags::EXCHANGE,
            )?)
        }
    }
}

/// A folder with another mode, or one that takes the place of a file.
fn change_folder(
    at: &At<'_>,
    change: &Change,
    log: &mut Journal,
    spare: PathBuf,
) -> std::io::Result<()> {
    let before = rustix::fs::statat(&at.parent, at.name, AtFlags::SYMLINK_NOFOLLOW)?;
    if rustix::fs::FileType::from_raw_mode(before.st_mode) == rustix::fs::FileType::Directory {
        log.write(Entry::Mode(at.whole.clone(), before.st_mode & 0o7777))?;
        return set_mode(at, at.name, change.mode);
    }
    log.write(Entry::Vanish(at.whole.clone(), spare))?;
    rename(at, at.name, OsStr::new(&at.spare))?;
    log.write(Entry::Folder(at.whole.clone()))?;
    rustix::fs::mkdirat(&at.parent, at.name, Mode::from(0o700))?;
    set_mode(at, at.name, change.mode)
}

/// Writes the new content under a spare name.
fn make_spare(tree: &Tree, change: &Change, file: &FileKind, at: &At<'_>) -> std::io::Result<()> {
    let spare = OsStr::new(&at.spare);
    if let FileKind::Link(target) = file {
        return Ok(rustix::fs::symlinkat(target, &at.parent, spare)?);
    }
    let mut from = review::open(&tree.upper.join(&change.path))?;
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut to = File::from(rustix::fs::openat(
        &at.parent,
        spare,
        flags,
        Mode::from(0o600),
    )?);
    let copied = (|| {
        // shares the blocks where the file system can
        std::io::copy(&mut from, &mut to)?;
        to.flush()?;
        let meta = from.metadata()?;
        to.set_times(std::fs::FileTimes::new().set_modified(meta.modified()?))?;
        // never set-user-id, whatever was built
        to.set_permissions(std::fs::Permissions::from_mode(change.mode & 0o1777))
    })();
    if copied.is_err() {
        let _ = rustix::fs::unlinkat(&at.parent, spare, AtFlags::empty());
    }
    copied
}

fn set_mode(at: &At<'_>, name: &OsStr, mode: u32) -> std::io::Result<()> {
    // the parent is held open, and a folder that was just made or looked at is no link
    std::fs::set_permissions(
        at.folder.join(name),
        std::fs::Permissions::from_mode(mode & 0o1777),
    )
}

/// Renames within the folder; nothing that is there is overwritten.
fn rename(at: &At<'_>, from: &OsStr, to: &OsStr) -> std::io::Result<()> {
    Ok(rustix::fs::renameat_with(
        at.parent.as_fd(),
        from,
        at.parent.as_fd(),
        to,
        RenameFlags::NOREPLACE,
    )?)
}

/// Opens a folder below `root` without following any link, so that no link that was put there leads a change elsewhere.
fn open_beneath(root: &Path, path: &Path) -> std::io::Result<OwnedFd> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::openat(CWD, root, flags, Mode::empty())?;
    if path.as_os_str().is_empty() {
        return Ok(root);
    }
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    Ok(rustix::fs::openat2(
        root,
        path,
        flags,
        Mode::empty(),
        resolve,
    )?)
}
