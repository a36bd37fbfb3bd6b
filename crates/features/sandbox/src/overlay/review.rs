//! Finds what changed by walking the folders of changes. Nothing that ran can have hidden anything from it.

use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata};
use std::io::Read as _;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::change::{Change, ChangeKind, FileKind};
use super::folders::{Tree, TreeKind};
use super::stamp::{self, Moment, Stamp};
use super::warning::{self, Changed};

/// Changes beyond which a run is not reviewed but refused.
const MAX_CHANGES: usize = 1_000_000;
/// The bytes of a file that tell what it is: as many as tell a program from a part of one.
pub(crate) type Start = [u8; 18];

/// Looks into a file that the run wrote, while the review has it open: where it will be on the host, and its size. Says
/// how it begins.
pub(crate) type Look<'a> = dyn FnMut(&Path, File, u64) -> Start + 'a;

/// What a run changed.
#[derive(Clone, Debug, Default)]
pub struct Review {
    /// The trees, in the order that changes count them.
    pub trees: Vec<PathBuf>,
    /// Sorted by tree and path.
    pub changes: Vec<Change>,
    /// What could not be looked at, and why. Nothing of the run is applied then.
    pub unreadable: Vec<String>,
    /// When the run began.
    pub(crate) began: Moment,
}

impl Review {
    /// Walks every tree that is reviewed. `began` is when the run did; `look` is given every file that was written.
    pub(crate) fn of(trees: &[Tree], began: SystemTime, look: &mut Look<'_>) -> Self {
        let since = began
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let began = (
            since.as_secs().cast_signed(),
            i64::from(since.subsec_nanos()),
        );
        let mut review = Self {
            trees: trees.iter().map(|tree| tree.lower.clone()).collect(),
            began,
            ..Self::default()
        };
        let shown = review.trees.clone();
        for (number, tree) in trees
            .iter()
            .enumerate()
            .filter(|(_, tree)| tree.kind != TreeKind::Cache)
        {
            let mut walk = Walk {
                number,
                tree,
                shown: &shown,
                began,
                look,
            };
            let upper = super::open_folder(CWD, &tree.upper);
            walk.folder(upper, Path::new(""), false, false, &mut review);
        }
        review
            .changes
            .sort_by(|a, b| (a.tree, &a.path).cmp(&(b.tree, &b.path)));
        review
    }

    /// The whole path of a change.
    pub fn path(&self, change: &Change) -> PathBuf {
        self.trees
            .get(change.tree)
            .map_or_else(|| change.path.clone(), |tree| tree.join(&change.path))
    }

    /// True if nothing changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.unreadable.is_empty()
    }
}

struct Walk<'a, 'b> {
    number: usize,
    tree: &'a Tree,
    shown: &'a [PathBuf],
    began: Moment,
    look: &'a mut Look<'b>,
}

impl Walk<'_, '_> {
    /// Looks at one folder of changes. In an `added` one there is nothing of the host; below an `opaque` one there is
    /// only what is named there, for the overlay marks the outermost alone. Folders are held open, so that nobody walks
    /// to each of their files through all of the tree.
    fn folder(
        &mut self,
        upper: rustix::io::Result<OwnedFd>,
        path: &Path,
        added: bool,
        opaque: bool,
        review: &mut Review,
    ) {
        let names = upper.and_then(|upper| Ok((super::names_of(&upper)?, upper)));
        let (names, upper) = match names {
            Ok(both) => both,
            Err(error) => return self.unreadable(path, error, review),
        };
        let opaque = !added && (opaque || is_opaque(&self.tree.upper.join(path)));
        if opaque {
            // whatever of the host is not named here is gone
            for name in super::names(&self.tree.lower.join(path)).unwrap_or_default() {
                if !names.contains(&name) {
                    self.deleted(path.join(name), review);
                }
            }
        }
        for name in names {
            if review.changes.len() >= MAX_CHANGES {
                review
                    .unreadable
                    .push(format!("more than {MAX_CHANGES} changes"));
                return;
            }
            self.entry(&upper, &name, path.join(&name), (added, opaque), review);
        }
    }

    fn unreadable(&self, path: &Path, error: Errno, review: &mut Review) {
        let path = self.tree.lower.join(path);
        review
            .unreadable
            .push(format!("{}: {error}", path.display()));
    }

    fn entry(
        &mut self,
        folder: &OwnedFd,
        name: &OsStr,
        path: PathBuf,
        (added, opaque): (bool, bool),
        review: &mut Review,
    ) {
        let meta = match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(meta) => meta,
            Err(error) => return self.unreadable(&path, error, review),
        };
        let file = FileType::from_raw_mode(meta.st_mode);
        if file == FileType::CharacterDevice && meta.st_rdev == 0 {
            self.deleted(path, review);
            return;
        }
        let lower = self.tree.lower.join(&path);
        let before = if added {
            None
        } else {
            std::fs::symlink_metadata(&lower).ok()
        };
        let is_folder = file == FileType::Directory;
        let stays_folder = is_folder && before.as_ref().is_some_and(Metadata::is_dir);
        let same = before.as_ref().is_some_and(|before| {
            let upper = || self.tree.upper.join(&path);
            before.mode() == meta.st_mode
                && (stays_folder || same_content(&upper(), &meta, &lower, before))
        });
        if !same {
            let change = self.change(&path, (folder, name), &meta, before.as_ref());
            review.changes.push(change);
        }
        if is_folder {
            let upper = super::open_folder(folder, name);
            self.folder(upper, &path, !stays_folder, opaque, review);
        }
    }

    fn change(
        &mut self,
        path: &Path,
        (folder, name): (&OwnedFd, &OsStr),
        meta: &Stat,
        before: Option<&Metadata>,
    ) -> Change {
        let lower = self.tree.lower.join(path);
        let file = match FileType::from_raw_mode(meta.st_mode) {
            FileType::Directory => FileKind::Folder,
            FileType::RegularFile => FileKind::File,
            FileType::Symlink => {
                let target = rustix::fs::readlinkat(folder, name, Vec::new()).unwrap_or_default();
                FileKind::Link(OsString::from_vec(target.into_bytes()).into())
            }
            _ => FileKind::Special,
        };
        let is_folder = file == FileKind::Folder;
        let size = u64::try_from(meta.st_size).unwrap_or(0);
        let mode = meta.st_mode & 0o7777;
        let mode_before = before
            .map(|b| b.mode() & 0o7777)
            .filter(|b| *b != mode && !matches!(file, FileKind::Link(_)));
        let was_executable = before.is_some_and(|b| b.is_file() && b.mode() & 0o111 != 0);
        let mut start = Start::default();
        if file == FileKind::File
            && let Ok(open) = open_at(folder, name)
        {
            start = (self.look)(&lower, open, size);
        }
        let changed = Changed {
            path,
            tree: &self.tree.lower,
            file: &file,
            mode,
            newly_executable: !was_executable,
            start: &start,
            shown: self.shown,
        };
        let warnings = warning::of(&changed);
        Change {
            tree: self.number,
            path: path.to_owned(),
            kind: if before.is_some() {
                ChangeKind::Changed
            } else {
                ChangeKind::Added
            },
            size: if is_folder { 0 } else { size },
            file,
            mode,
            mode_before,
            files_below: 0,
            host_changed: before.is_some_and(|meta| self.is_younger(&lower, meta, is_folder)),
            before: before.map(Stamp::of),
            warnings,
        }
    }

    fn deleted(&self, path: PathBuf, review: &mut Review) {
        let lower = self.tree.lower.join(&path);
        // made and removed again by the run: nothing to tell
        let Ok(meta) = std::fs::symlink_metadata(&lower) else {
            return;
        };
        review.changes.push(Change {
            tree: self.number,
            kind: ChangeKind::Deleted,
            file: kind(&lower, &meta),
            size: if meta.is_dir() { 0 } else { meta.len() },
            mode: meta.mode() & 0o7777,
            mode_before: None,
            files_below: if meta.is_dir() { count(&lower) } else { 0 },
            host_changed: self.is_younger(&lower, &meta, false),
            before: Some(Stamp::of(&meta)),
            warnings: Vec::new(),
            path,
        });
    }

    /// True if the host touched the file after the run began, or something below a folder that does not stay one.
    fn is_younger(&self, lower: &Path, meta: &Metadata, stays_folder: bool) -> bool {
        stamp::changed(meta) > self.began
            || meta.is_dir() && !stays_folder && stamp::is_younger_below(lower, self.began)
    }
}

fn kind(path: &Path, meta: &Metadata) -> FileKind {
    if meta.is_dir() {
        FileKind::Folder
    } else if meta.is_symlink() {
        FileKind::Link(std::fs::read_link(path).unwrap_or_default())
    } else if meta.is_file() {
        FileKind::File
    } else {
        FileKind::Special
    }
}

/// True for a folder that replaces the host's.
fn is_opaque(folder: &Path) -> bool {
    let mut value = [0_u8; 8];
    rustix::fs::lgetxattr(folder, "user.overlay.opaque", &mut value[..])
        .is_ok_and(|length| value.get(..length) == Some(b"y"))
}

/// Copied up without having been changed: a hard link or an open for writing does that.
fn same_content(upper: &Path, meta: &Stat, lower: &Path, before: &Metadata) -> bool {
    match FileType::from_raw_mode(meta.st_mode) {
        FileType::Symlink if before.is_symlink() => {
            std::fs::read_link(upper).ok() == std::fs::read_link(lower).ok()
        }
        FileType::RegularFile if before.is_file() => {
            u64::try_from(meta.st_size) == Ok(before.len())
                && same_bytes(upper, lower).unwrap_or(false)
        }
        _ => false,
    }
}

fn same_bytes(a: &Path, b: &Path) -> std::io::Result<bool> {
    let (mut a, mut b) = (open(a)?, open(b)?);
    let (mut one, mut other) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        let length = a.read(&mut one)?;
        if length == 0 {
            return Ok(b.read(&mut other)? == 0);
        }
        let other = other.get_mut(..length).unwrap_or(&mut []);
        if b.read_exact(other).is_err() || one.get(..length) != Some(other) {
            return Ok(false);
        }
    }
}

/// Opens a file for reading, unless it is a link or something that could hang.
pub(crate) fn open(path: &Path) -> std::io::Result<File> {
    open_at(CWD, path.as_os_str())
}

fn open_at(folder: impl AsFd, name: &OsStr) -> std::io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::empty())?;
    Ok(File::from(file))
}

/// Reads the first bytes alone.
pub(crate) fn start(_: &Path, mut file: File, _: u64) -> Start {
    let mut start = Start::default();
    // what cannot be read or is shorter ends in zeros, which no kind of file begins with
    let _ = file.read(&mut start);
    start
}

fn count(folder: &Path) -> usize {
    let (mut files, mut folders) = (0, vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for name in super::names(&folder).unwrap_or_default() {
            let path = folder.join(name);
            if std::fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
                folders.push(path);
            } else {
                files += 1;
            }
        }
    }
    files
}
