//! Finds what changed by walking the folders of changes. Nothing that ran can have hidden anything from it.

use std::fs::Metadata;
use std::io::Read as _;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::change::{Change, ChangeKind, FileKind};
use super::folders::{Tree, TreeKind};
use super::stamp::{self, Moment, Stamp};
use super::warning::{self, Changed};

/// Changes beyond which a run is not reviewed but refused.
const MAX_CHANGES: usize = 1_000_000;
/// Bytes of a file that tell what it is.
const START: usize = 16;

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
    /// Walks every tree that is reviewed. `began` is when the run did.
    pub fn of(trees: &[Tree], began: SystemTime) -> Self {
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
            let walk = Walk {
                number,
                tree,
                shown: &shown,
                began,
            };
            walk.folder(Path::new(""), false, false, &mut review);
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

struct Walk<'a> {
    number: usize,
    tree: &'a Tree,
    shown: &'a [PathBuf],
    began: Moment,
}

impl Walk<'_> {
    /// Looks at one folder of changes. In an `added` one there is nothing of the host; below an `opaque` one there is
    /// only what is named there, for the overlay marks the outermost alone.
    fn folder(&self, path: &Path, added: bool, opaque: bool, review: &mut Review) {
        let upper = self.tree.upper.join(path);
        let names = match super::names(&upper) {
            Ok(names) => names,
            Err(error) => {
                review
                    .unreadable
                    .push(format!("{}: {error}", self.tree.lower.join(path).display()));
                return;
            }
        };
        let opaque = !added && (opaque || is_opaque(&upper));
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
            self.entry(path.join(name), added, opaque, review);
        }
    }

    fn entry(&self, path: PathBuf, added: bool, opaque: bool, review: &mut Review) {
        let upper = self.tree.upper.join(&path);
        let meta = match std::fs::symlink_metadata(&upper) {
            Ok(meta) => meta,
            Err(error) => {
                review.unreadable.push(format!(
                    "{}: {error}",
                    self.tree.lower.join(&path).display()
                ));
                return;
            }
        };
        if meta.file_type().is_char_device() && meta.rdev() == 0 {
            self.deleted(path, review);
            return;
        }
        let lower = self.tree.lower.join(&path);
        let before = std::fs::symlink_metadata(&lower).ok().filter(|_| !added);
        let is_folder = meta.is_dir();
        let stays_folder = is_folder && before.as_ref().is_some_and(Metadata::is_dir);
        let mode = meta.mode() & 0o7777;
        let mode_before = before
            .as_ref()
            .map(|b| b.mode() & 0o7777)
            .filter(|b| *b != mode && !meta.is_symlink());
        let same = match &before {
            Some(before) if stays_folder => before.mode() == meta.mode(),
            Some(before) => {
                before.mode() == meta.mode() && same_content(&upper, &meta, &lower, before)
            }
            None => false,
        };
        if !same {
            review
                .changes
                .push(self.change(&path, &meta, before.as_ref(), mode_before));
        }
        if is_folder {
            self.folder(&path, !stays_folder, opaque, review);
        }
    }

    fn change(
        &self,
        path: &Path,
        meta: &Metadata,
        before: Option<&Metadata>,
        mode_before: Option<u32>,
    ) -> Change {
        let upper = self.tree.upper.join(path);
        let lower = self.tree.lower.join(path);
        let file = kind(&upper, meta);
        let is_folder = file == FileKind::Folder;
        let mode = meta.mode() & 0o7777;
        let was_executable = before.is_some_and(|b| b.is_file() && b.mode() & 0o111 != 0);
        let start = if file == FileKind::File {
            start(&upper)
        } else {
            Vec::new()
        };
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
            size: if file == FileKind::Folder {
                0
            } else {
                meta.len()
            },
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
fn same_content(upper: &Path, meta: &Metadata, lower: &Path, before: &Metadata) -> bool {
    if meta.is_symlink() && before.is_symlink() {
        return std::fs::read_link(upper).ok() == std::fs::read_link(lower).ok();
    }
    meta.is_file()
        && before.is_file()
        && meta.len() == before.len()
        && same_bytes(upper, lower).unwrap_or(false)
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
pub(crate) fn open(path: &Path) -> std::io::Result<std::fs::File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    Ok(std::fs::File::from(rustix::fs::open(
        path,
        flags,
        Mode::empty(),
    )?))
}

fn start(path: &Path) -> Vec<u8> {
    let mut start = vec![0; START];
    let length = open(path)
        .and_then(|mut file| file.read(&mut start))
        .unwrap_or(0);
    start.truncate(length);
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
