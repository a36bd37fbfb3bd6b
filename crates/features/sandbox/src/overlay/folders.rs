//! The folders of one run on the host.

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use foretaste_io::{FileError, FileResult, files};

/// The file that a living run holds locked.
const LOCK: &str = "lock";

/// A tree of the host whose changes go elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// On the host, and at the same place in the run.
    pub lower: PathBuf,
    /// What changed.
    pub upper: PathBuf,
    /// The kernel's scratch folder.
    pub work: PathBuf,
    /// What it is.
    pub kind: TreeKind,
}

/// What a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TreeKind {
    /// The project, or a folder that the policy or the command line names.
    Project,
    /// Tools that live in the home folder, or a virtual environment.
    Tools,
    /// A package manager's cache: its changes are forgotten.
    Cache,
}

/// A folder that is removed with everything in it.
#[derive(Debug)]
pub(crate) struct RunFolder {
    path: PathBuf,
    /// Held as long as this process lives; without it the folder is a dead run's.
    _lock: std::fs::File,
}

impl RunFolder {
    /// A new folder below `parent`, for this user alone.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn new(parent: &Path) -> FileResult<Self> {
        files::create_dir(parent)?;
        let folder = tempfile::Builder::new()
            .prefix("run-")
            .permissions(std::fs::Permissions::from_mode(0o700))
            .tempdir_in(parent)
            .map_err(|source| FileError::Io {
                action: "create a folder in",
                path: parent.to_owned(),
                source,
            })?;
        // under its name it is locked from the first moment, so that nobody takes the folder for a dead run's
        let (made, lock) = (folder.path().join("lock-made"), folder.path().join(LOCK));
        let lock = std::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&made)
            .and_then(|file| file.try_lock().map_err(std::io::Error::from).map(|()| file))
            .and_then(|file| std::fs::rename(&made, &lock).map(|()| file))
            .map_err(|source| FileError::Io {
                action: "lock",
                path: folder.path().to_owned(),
                source,
            })?;
        let run = Self {
            path: folder.keep(),
            _lock: lock,
        };
        make(&run.path.join("root"))?;
        Ok(run)
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the application of changes is written down.
    pub(crate) fn journal(&self) -> PathBuf {
        self.path.join("journal")
    }

    /// Where the root is built.
    pub(crate) fn root(&self) -> PathBuf {
        self.path.join("root")
    }

    /// Makes the folders for the changes of a tree.
    ///
    /// # Errors
    /// They cannot be made.
    pub(crate) fn tree(&self, number: usize, lower: &Path, kind: TreeKind) -> FileResult<Tree> {
        let own = |what: &str| self.path.join(format!("{what}-{number}"));
        let (upper, work) = (own("upper"), own("work"));
        for folder in [&upper, &work] {
            make(folder)?;
        }
        // the top of the tree keeps the mode that it has
        if let Ok(meta) = std::fs::metadata(lower) {
            let _ = std::fs::set_permissions(&upper, meta.permissions());
        }
        Ok(Tree {
            lower: lower.to_owned(),
            upper,
            work,
            kind,
        })
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes what runs left behind whose supervisor was killed, and takes back what they had applied in part. Returns the
/// folders of which something was taken back.
pub(crate) fn sweep(parent: &Path) -> Vec<PathBuf> {
    let mut taken_back = Vec::new();
    for name in super::names(parent).unwrap_or_default() {
        let path = parent.join(name);
        let lock = std::fs::OpenOptions::new()
            .write(true)
            .open(path.join(LOCK));
        let is_dead = lock.map_or_else(|_| is_old(&path), |lock| lock.try_lock().is_ok());
        if is_dead {
            if super::journal::recover(&path.join("journal")) {
                taken_back.push(path.clone());
            }
            remove(&path);
        }
    }
    taken_back
}

/// True for a folder that nobody is about to lock any more.
fn is_old(folder: &Path) -> bool {
    const TIME_TO_LOCK: std::time::Duration = std::time::Duration::from_mins(10);
    let age = std::fs::symlink_metadata(folder)
        .and_then(|meta| meta.modified())
        .map(|made| made.elapsed().unwrap_or_default());
    age.is_ok_and(|age| age > TIME_TO_LOCK)
}

fn make(path: &Path) -> FileResult<()> {
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(path)
        .map_err(|source| FileError::Io {
            action: "create",
            path: path.to_owned(),
            source,
        })
}

/// Removes a folder whatever the modes in it are: the kernel's scratch folder has none, and a command may take them
/// from its own.
pub(crate) fn remove(path: &Path) {
    let removed = files::remove_dir(path).or_else(|_| {
        open_all(path);
        files::remove_dir(path)
    });
    if let Err(error) = removed {
        tracing::warn!(%error, "the run's folder stays");
    }
}

/// Lets this user into a folder and every one below it.
fn open_all(path: &Path) {
    use rustix::fs::{CWD, Dir, FileType};
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        let _ = std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700));
        let Ok(entries) = super::open_folder(CWD, &folder).and_then(Dir::new) else {
            continue;
        };
        for entry in entries.flatten() {
            use std::os::unix::ffi::OsStrExt;
            let name = std::ffi::OsStr::from_bytes(entry.file_name().to_bytes());
            if name != "." && name != ".." && entry.file_type() == FileType::Directory {
                folders.push(folder.join(name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_living_runs_stay_however_many_begin_at_once() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path();
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        sweep(path);
                        let run = RunFolder::new(path).expect("made");
                        sweep(path);
                        assert!(run.root().is_dir(), "a living run was swept");
                    }
                });
            }
        });
    }
}
