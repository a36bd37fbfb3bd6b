//! What an application of changes has done so far, on disk before it is done, so that it can be taken back.
//!
//! Taking back never trusts names: the host may have put something else there meanwhile. Each step says which file it
//! moves, and is taken back only where that very file is.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use serde::{Deserialize, Serialize};

use super::folders;
use super::stamp::Identity;

/// The largest journal that is read.
const MAX_JOURNAL: u64 = 1 << 30;

/// A whole path, as bytes: names need not be text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Place(Vec<u8>);

impl Place {
    fn path(&self) -> &Path {
        Path::new(OsStr::from_bytes(&self.0))
    }
}

impl From<&Path> for Place {
    fn from(path: &Path) -> Self {
        Self(path.as_os_str().as_bytes().to_vec())
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Entry {
    /// Something is made under a spare name, which is random and so nobody else's.
    Spare(Place),
    /// What is at the spare name moves to a path where nothing was.
    Appear { at: Place, new: Identity },
    /// A path and a spare name beside it change places; the old one is then at the spare name.
    Exchange {
        at: Place,
        spare: Place,
        new: Identity,
    },
    /// A path moves to a spare name beside it.
    Vanish {
        at: Place,
        spare: Place,
        old: Identity,
    },
    /// A folder's mode changes from this.
    Mode {
        at: Place,
        folder: Identity,
        before: u32,
    },
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
        let bytes = postcard::to_stdvec(&entry).map_err(std::io::Error::other)?;
        let line = hex::encode(bytes) + "\n";
        self.file.write_all(line.as_bytes())?;
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

    /// Takes everything back. Returns where files of the host are that could not be put back, because something else
    /// took their place meanwhile.
    pub(crate) fn roll_back(&self) -> Vec<PathBuf> {
        roll_back(&self.entries)
    }
}

/// Takes back an application that ended in the middle, or tidies up after one that ended just before its end. Returns
/// true if something was taken back.
pub(crate) fn recover(path: &Path) -> bool {
    let Ok(text) = foretaste_io::files::read_text(path, MAX_JOURNAL) else {
        return false;
    };
    // the last line may be half of one: what it says was not begun
    let entry = |line: &str| postcard::from_bytes(&hex::decode(line).ok()?).ok();
    let entries: Vec<Entry> = text.lines().map_while(entry).collect();
    if entries.contains(&Entry::Done) {
        clean_up(&entries);
        return false;
    }
    for kept in roll_back(&entries) {
        tracing::warn!(path = %kept.display(), "a file of yours is here: something else took its place");
    }
    !entries.is_empty()
}

fn roll_back(entries: &[Entry]) -> Vec<PathBuf> {
    let mut kept: Vec<&Place> = Vec::new();
    for entry in entries.iter().rev() {
        let done = match entry {
            Entry::Appear { at, new } if new.is_at(at.path()) => remove_one(at.path()),
            Entry::Exchange { at, spare, new } if new.is_at(at.path()) => {
                let back = renameat_with(CWD, at.path(), CWD, spare.path(), RenameFlags::EXCHANGE);
                back.map_err(|error| {
                    kept.push(spare);
                    error.into()
                })
            }
            // where the new one is nowhere, it is the host's that is at the spare name
            Entry::Exchange { spare, new, .. } if !new.is_at(spare.path()) => {
                kept.push(spare);
                Ok(())
            }
            Entry::Vanish { at, spare, old } if old.is_at(spare.path()) => {
                let flags = RenameFlags::NOREPLACE;
                let back = renameat_with(CWD, spare.path(), CWD, at.path(), flags);
                back.map_err(|error| {
                    kept.push(spare);
                    error.into()
                })
            }
            Entry::Mode { at, folder, before } if folder.is_at(at.path()) => {
                use std::os::unix::fs::PermissionsExt;
                let mode = std::fs::Permissions::from_mode(*before);
                std::fs::set_permissions(at.path(), mode)
            }
            Entry::Spare(at) if !kept.contains(&at) => match remove_one(at.path()) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                done => done,
            },
            _ => Ok(()),
        };
        if let Err(error) = done {
            tracing::warn!(%error, ?entry, "a change could not be taken back");
        }
    }
    let there = kept
        .into_iter()
        .map(Place::path)
        .filter(|path| path.symlink_metadata().is_ok());
    there.map(Path::to_path_buf).collect()
}

/// Removes what was replaced or deleted.
fn clean_up(entries: &[Entry]) {
    for entry in entries {
        if let Entry::Exchange { spare, .. } | Entry::Vanish { spare, .. } = entry {
            let path = spare.path();
            if path.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                folders::remove(path);
            } else {
                // gone already, where an earlier clean-up was interrupted
                let _ = std::fs::remove_file(path);
            }
        }
    }
}

/// Removes a file, or a folder with nothing in it.
fn remove_one(path: &Path) -> std::io::Result<()> {
    if std::fs::symlink_metadata(path)?.is_dir() {
        std::fs::remove_dir(path)
    } else {
        std::fs::remove_file(path)
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests make the files that they are about"
)]
mod tests {
    use std::fs;

    use super::*;

    struct Case {
        folder: tempfile::TempDir,
    }

    impl Case {
        fn new() -> Self {
            Self {
                folder: tempfile::tempdir().expect("a folder"),
            }
        }

        fn put(&self, name: &str, text: &str) -> (Place, Identity) {
            let path = self.folder.path().join(name);
            fs::write(&path, text).expect("written");
            let meta = fs::symlink_metadata(&path).expect("is there");
            (Place::from(&*path), Identity::of(&meta))
        }

        fn place(&self, name: &str) -> Place {
            Place::from(&*self.folder.path().join(name))
        }

        fn read(&self, name: &str) -> Option<String> {
            fs::read_to_string(self.folder.path().join(name)).ok()
        }
    }

    #[test]
    fn a_step_that_was_not_reached_takes_no_file_of_the_host() {
        let case = Case::new();
        // the supervisor died between the line and the deed
        let (at, _) = case.put("a", "of the host");
        let (spare, new) = case.put("spare", "of the run");
        let exchange = Entry::Exchange {
            at,
            spare: spare.clone(),
            new,
        };
        assert!(roll_back(&[Entry::Spare(spare), exchange]).is_empty());
        assert_eq!(case.read("a").as_deref(), Some("of the host"));
        assert_eq!(case.read("spare"), None);
        // the host made the file first
        let (at, _) = case.put("b", "of the host");
        let (spare, new) = case.put("spare", "of the run");
        roll_back(&[Entry::Spare(spare), Entry::Appear { at, new }]);
        assert_eq!(case.read("b").as_deref(), Some("of the host"));
        assert_eq!(case.read("spare"), None);
    }

    #[test]
    fn a_step_that_was_done_is_undone() {
        let case = Case::new();
        let (at, new) = case.put("a", "of the run");
        let (spare, _) = case.put("spare", "of the host");
        let exchange = Entry::Exchange {
            at,
            spare: spare.clone(),
            new,
        };
        roll_back(&[Entry::Spare(spare), exchange]);
        assert_eq!(case.read("a").as_deref(), Some("of the host"));
        assert_eq!(case.read("spare"), None);
    }

    #[test]
    fn what_the_host_put_in_the_way_stays_and_so_does_what_was_there() {
        let case = Case::new();
        // exchanged, and then replaced by the host
        let (_, new) = case.put("gone", "of the run");
        let (at, _) = case.put("a", "newer, of the host");
        let (spare, _) = case.put("spare", "older, of the host");
        fs::remove_file(case.folder.path().join("gone")).expect("removed");
        let exchange = Entry::Exchange {
            at,
            spare: spare.clone(),
            new,
        };
        assert_eq!(roll_back(&[Entry::Spare(spare), exchange]).len(), 1);
        assert_eq!(case.read("a").as_deref(), Some("newer, of the host"));
        assert_eq!(case.read("spare").as_deref(), Some("older, of the host"));
        // vanished, and then made again by the host
        let (spare, old) = case.put("spare-2", "older");
        let (at, _) = case.put("b", "newer");
        assert_eq!(roll_back(&[Entry::Vanish { at, spare, old }]).len(), 1);
        assert_eq!(case.read("b").as_deref(), Some("newer"));
        assert_eq!(case.read("spare-2").as_deref(), Some("older"));
    }

    #[test]
    fn a_journal_is_read_back_up_to_half_a_line() {
        let case = Case::new();
        let path = case.folder.path().join("journal");
        let mut journal = Journal::begin(&path).expect("begun");
        let strange = Place(b"/x/\xff\n".to_vec());
        journal.write(Entry::Spare(strange)).expect("written");
        let (at, new) = case.put("a", "of the run");
        journal.write(Entry::Appear { at, new }).expect("written");
        let whole = fs::read(&path).expect("is there");
        fs::write(&path, [&whole[..], b"0102"].concat()).expect("written");
        assert!(recover(&path));
        assert_eq!(case.read("a"), None);
    }

    #[test]
    fn a_finished_journal_only_tidies_up() {
        let case = Case::new();
        let path = case.folder.path().join("journal");
        let mut journal = Journal::begin(&path).expect("begun");
        let (at, new) = case.put("a", "of the run");
        let (spare, _) = case.put("spare", "of the host");
        journal
            .write(Entry::Exchange { at, spare, new })
            .expect("written");
        journal.write(Entry::Done).expect("written");
        assert!(!recover(&path));
        assert_eq!(case.read("a").as_deref(), Some("of the run"));
        assert_eq!(case.read("spare"), None);
        assert_eq!(case.place("x").path(), case.folder.path().join("x"));
    }
}
