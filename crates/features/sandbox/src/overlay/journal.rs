//! What an application of changes has done so far, on disk before it is done, so that it can be taken back.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One step. Paths are whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Entry {
    /// A folder is made.
    Folder(PathBuf),
    /// A path appears that was not there.
    Appear(PathBuf),
    /// A path and a spare name beside it change places; the old one is then at the spare name.
    Exchange(PathBuf, PathBuf),
    /// A path moves to a spare name beside it.
    Vanish(PathBuf, PathBuf),
    /// A folder's mode changes from this.
    Mode(PathBuf, u32),
    /// All of it is done; what is at spare names is no longer needed.
    Done,
}

/// The journal of one application.
#[derive(Debug)]
pub(crate) struct Journal {
    file: std::fs::File,
    entries: Vec<Entry>,
}

impl Journal {
    /// Begins one.
    pub(crate) fn begin(path: &Path) -> std::io::Result<Self> {
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(path)?;
        Ok(Self {
            file,
            entries: Vec::new(),
        })
    }

    /// Says what comes next.
    pub(crate) fn write(&mut self, entry: Entry) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(&entry).map_err(std::io::Error::other)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.entries.push(entry);
        Ok(())
    }

    /// Everything is done.
    pub(crate) fn finish(&mut self) -> std::io::Result<()> {
        self.write(Entry::Done)?;
        self.file.sync_data()?;
        clean_up(&self.entries);
        Ok(())
    }

    /// Takes everything back.
    pub(crate) fn roll_back(&self) {
        roll_back(&self.entries);
    }
}

/// Takes back an application that ended in the middle, or tidies up after one that ended just before its end. Returns
/// true if something was taken back.
pub(crate) fn recover(path: &Path) -> bool {
    let Ok(text) = foretaste_io::files::read_text(path, 1 << 30) else {
        return false;
    };
    // the last line may be half of one: what it says was not begun
    let entries: Vec<Entry> = text
        .lines()
        .map_while(|line| serde_json::from_str(line).ok())
        .collect();
    if entries.contains(&Entry::Done) {
        clean_up(&entries);
        return false;
    }
    roll_back(&entries);
    !entries.is_empty()
}

fn roll_back(entries: &[Entry]) {
    for entry in entries.iter().rev() {
        let done = match entry {
            Entry::Folder(path) => std::fs::remove_dir(path),
            Entry::Appear(path) => std::fs::remove_file(path),
            // without the spare the step was not reached
            Entry::Exchange(path, spare) => exchange(path, spare).and_then(|()| remove(spare)),
            Entry::Vanish(path, spare) => std::fs::rename(spare, path),
            Entry::Mode(path, mode) => {
                use std::os::unix::fs::PermissionsExt;
                std::fs::set_permissions(path, std::fs::Permissions::from_mode(*mode))
            }
            Entry::Done => Ok(()),
        };
        if let Err(error) = done {
            tracing::debug!(%error, ?entry, "nothing to take back");
        }
    }
}

fn clean_up(entries: &[Entry]) {
    for entry in entries {
        if let Entry::Exchange(_, spare) | Entry::Vanish(_, spare) = entry {
            let _ = remove(spare);
        }
    }
}

/// Has two paths change places, at once.
pub(crate) fn exchange(a: &Path, b: &Path) -> std::io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

fn remove(path: &Path) -> std::io::Result<()> {
    if std::fs::symlink_metadata(path)?.is_dir() {
        foretaste_io::files::remove_dir(path).map_err(std::io::Error::other)
    } else {
        std::fs::remove_file(path)
    }
}
