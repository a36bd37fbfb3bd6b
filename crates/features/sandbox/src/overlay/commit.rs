//! Applies changes to the host: each at once, all of them or none.

use std::collections::{BTreeMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::io::Error;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::beneath::Folder;
use super::change::{Change, ChangeKind, FileKind};
use super::folders::Tree;
use super::journal::{Entry, Journal, Place};
use super::review::Review;
use super::spare;
use super::stamp::{self, Identity, Moment, Stamp};
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
/// What was applied before it is taken back, and what was picked is gone: files are moved where they can be.
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
        move |error: Error| RunError::Commit {
            path,
            reason: error.to_string(),
        }
    };
    let log = Journal::begin(journal).map_err(failed(journal.to_owned()))?;
    let mut committing = Committing {
        trees,
        began: review.began,
        log,
        spares: spare_names().map_err(failed(journal.to_owned()))?,
        made: 0,
        moved: HashSet::new(),
        modes: BTreeMap::new(),
    };
    for change in &picked {
        let done = committing.one(change);
        done.map_err(|error| committing.taken_back(review.path(change), &error))?;
    }
    let done = committing.set_modes();
    done.map_err(|(path, error)| committing.taken_back(path, &error))?;
    committing
        .log
        .finish()
        .map_err(failed(journal.to_owned()))?;
    applied.changes = picked.len();
    Ok(applied)
}

/// The beginning of names that nobody else has.
fn spare_names() -> std::io::Result<String> {
    let mut random = [0_u8; 12];
    rustix::rand::getrandom(&mut random[..], rustix::rand::GetRandomFlags::empty())?;
    Ok(format!(".foretaste-{}", hex::encode(random)))
}

struct Committing<'a> {
    trees: &'a [Tree],
    /// When the run did.
    began: Moment,
    log: Journal,
    /// What spare names begin with.
    spares: String,
    /// How many of them there are.
    made: usize,
    /// Files of the host that were moved aside: they may have other names.
    moved: HashSet<Identity>,
    /// The modes that folders get in the end, when nothing more is done in them.
    modes: BTreeMap<(usize, PathBuf), u32>,
}

/// Where one change happens.
struct At<'a> {
    folder: Folder,
    name: &'a OsStr,
    /// The path, for the journal.
    whole: PathBuf,
}

impl At<'_> {
    fn place(&self) -> Place {
        Place::from(&*self.whole)
    }

    /// Something beside it, for the journal.
    fn beside(&self, name: &OsStr) -> Place {
        Place::from(&*self.whole.with_file_name(name))
    }
}

impl Committing<'_> {
    fn one(&mut self, change: &Change) -> std::io::Result<()> {
        let (Some(tree), Some(name)) = (self.trees.get(change.tree), change.path.file_name())
        else {
            return Ok(());
        };
        let parent = change.path.parent().unwrap_or(Path::new(""));
        let folder = Folder::open(&tree.lower, parent)?;
        self.open_up(change.tree, parent, &folder)?;
        let at = At {
            folder,
            name,
            whole: tree.lower.join(&change.path),
        };
        self.made += 1;
        let spare = OsString::from(format!("{}-{}", self.spares, self.made));
        if change.kind != ChangeKind::Added {
            self.is_as_it_was(&at, change)?;
        }
        if change.kind == ChangeKind::Deleted {
            return self.vanish(&at, &spare, change);
        }
        if change.file == FileKind::Folder {
            let key = (change.tree, change.path.clone());
            self.modes.insert(key, change.mode);
            if stays_folder(change) {
                return Ok(());
            }
            if change.kind == ChangeKind::Changed {
                let old = OsString::from(format!("{}-{}-old", self.spares, self.made));
                self.vanish(&at, &old, change)?;
            }
        }
        self.log.write(Entry::Spare(at.beside(&spare)))?;
        spare::make(tree, change, &at.folder, &spare)?;
        let new = Identity::of(&at.folder.look_at(&spare)?);
        if change.kind == ChangeKind::Added || change.file == FileKind::Folder {
            let at_place = at.place();
            self.log.write(Entry::Appear { at: at_place, new })?;
            return at.folder.rename(&spare, at.name);
        }
        self.log.write(Entry::Exchange {
            at: at.place(),
            spare: at.beside(&spare),
            new,
        })?;
        self.moved
            .extend(change.before.map(|before| before.identity));
        at.folder.exchange(&spare, at.name)?;
        self.is_what_was_meant(&at, &spare, change)
    }

    /// What is there is what was looked at.
    fn is_as_it_was(&self, at: &At<'_>, change: &Change) -> std::io::Result<()> {
        let now = Stamp::of(&at.folder.look_at(at.name)?);
        let is_same = change.before.is_some_and(|before| {
            if stays_folder(change) {
                // what was done in it before this changed the rest
                before.identity == now.identity
            } else if self.moved.contains(&before.identity) {
                // by another name, which counts as a change of the file
                before.is_but_for_its_name(now)
            } else {
                before == now
            }
        });
        if is_same {
            Ok(())
        } else {
            Err(changed_outside())
        }
    }

    /// Moves what is there aside.
    fn vanish(&mut self, at: &At<'_>, spare: &OsStr, change: &Change) -> std::io::Result<()> {
        let Some(before) = change.before else {
            return Ok(());
        };
        self.log.write(Entry::Vanish {
            at: at.place(),
            spare: at.beside(spare),
            old: before.identity,
        })?;
        self.moved.insert(before.identity);
        at.folder.rename(at.name, spare)?;
        self.is_what_was_meant(at, spare, change)
    }

    /// What was moved aside is what was looked at: between a look and a deed the host may have changed it.
    fn is_what_was_meant(
        &self,
        at: &At<'_>,
        spare: &OsStr,
        change: &Change,
    ) -> std::io::Result<()> {
        let now = Stamp::of(&at.folder.look_at(spare)?);
        let is_same = change
            .before
            .is_some_and(|before| before.is_but_for_its_name(now));
        let is_younger = || {
            let below = at.folder.whole(spare);
            now.is_folder() && stamp::is_younger_below(&below, self.began)
        };
        if !is_same || is_younger() {
            return Err(changed_outside());
        }
        Ok(())
    }

    /// Lets this user make files in a folder of its own that forbids it, until the end.
    fn open_up(&mut self, tree: usize, path: &Path, folder: &Folder) -> std::io::Result<()> {
        const WRITE_AND_ENTER: u32 = 0o300;
        let meta = folder.metadata()?;
        let is_own = meta.uid() == nix::unistd::geteuid().as_raw();
        let mode = meta.mode() & 0o7777;
        if mode & WRITE_AND_ENTER != WRITE_AND_ENTER && is_own {
            self.modes.entry((tree, path.to_owned())).or_insert(mode);
            self.set_mode(tree, path, folder, mode | WRITE_AND_ENTER)?;
        }
        Ok(())
    }

    /// Gives folders the modes that they are to have: last, because one that may not be written to takes no files, and
    /// the inner ones first.
    fn set_modes(&mut self) -> Result<(), (PathBuf, Error)> {
        for ((tree, path), mode) in std::mem::take(&mut self.modes).into_iter().rev() {
            let Some(lower) = self.trees.get(tree).map(|tree| &tree.lower) else {
                continue;
            };
            Folder::open(lower, &path)
                .and_then(|folder| self.set_mode(tree, &path, &folder, mode))
                .map_err(|error| (lower.join(&path), error))?;
        }
        Ok(())
    }

    fn set_mode(
        &mut self,
        tree: usize,
        path: &Path,
        folder: &Folder,
        mode: u32,
    ) -> std::io::Result<()> {
        let Some(lower) = self.trees.get(tree).map(|tree| &tree.lower) else {
            return Ok(());
        };
        let meta = folder.metadata()?;
        self.log.write(Entry::Mode {
            at: Place::from(&*lower.join(path)),
            folder: Identity::of(&meta),
            before: meta.mode() & 0o7777,
        })?;
        folder.set_mode(mode)
    }

    /// Takes back what was done, because of an error.
    fn taken_back(&self, path: PathBuf, error: &Error) -> RunError {
        let kept = self.log.roll_back();
        let kept: String = kept
            .iter()
            .map(|path| format!("; what was there before is in {}", path.display()))
            .collect();
        RunError::Commit {
            path,
            reason: format!("{error}; everything was taken back{kept}"),
        }
    }
}

/// True for a folder that only gets another mode.
fn stays_folder(change: &Change) -> bool {
    change.file == FileKind::Folder && change.before.is_some_and(Stamp::is_folder)
}

fn changed_outside() -> Error {
    Error::other("it was changed outside after the command ran")
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "the tests make the files that they are about"
)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::time::SystemTime;

    use super::super::folders::TreeKind;
    use super::super::review;
    use super::*;

    /// A tree with a folder of changes as the kernel leaves it.
    struct Case {
        folder: tempfile::TempDir,
        began: SystemTime,
    }

    impl Case {
        /// `files` are the host's.
        fn new(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            for name in ["lower", "upper"] {
                fs::create_dir(folder.path().join(name)).expect("made");
            }
            let case = Self {
                folder,
                began: SystemTime::now(),
            };
            for (path, text) in files {
                case.put("lower", path, text);
            }
            case.begins()
        }

        /// The run begins now: what was before is older, what comes is younger, by more than the clock's tick.
        fn begins(self) -> Self {
            let tick = std::time::Duration::from_millis(20);
            std::thread::sleep(tick);
            let began = SystemTime::now();
            std::thread::sleep(tick);
            Self { began, ..self }
        }

        fn at(&self, side: &str, path: &str) -> PathBuf {
            self.folder.path().join(side).join(path)
        }

        fn put(&self, side: &str, path: &str, text: &str) {
            let path = self.at(side, path);
            fs::create_dir_all(path.parent().expect("has one")).expect("made");
            fs::write(path, text).expect("written");
        }

        fn mode(&self, side: &str, path: &str, mode: u32) {
            let mode = fs::Permissions::from_mode(mode);
            fs::set_permissions(self.at(side, path), mode).expect("set");
        }

        fn read(&self, path: &str) -> Option<String> {
            fs::read_to_string(self.at("lower", path)).ok()
        }

        fn trees(&self) -> Vec<Tree> {
            vec![Tree {
                lower: self.at("lower", ""),
                upper: self.at("upper", ""),
                work: self.at("work", ""),
                kind: TreeKind::Project,
            }]
        }

        fn review(&self) -> Review {
            Review::of(&self.trees(), self.began, &mut review::start)
        }

        fn apply(&self, review: &Review) -> Result<Applied, RunError> {
            apply(
                review,
                &self.trees(),
                &self.folder.path().join("journal"),
                |_| true,
            )
        }

        /// Every name of the tree, to see that nothing is left behind.
        fn names(&self) -> Vec<String> {
            let mut all = Vec::new();
            let mut folders = vec![self.at("lower", "")];
            while let Some(folder) = folders.pop() {
                for name in super::super::names(&folder).expect("can be read") {
                    let path = folder.join(name);
                    if path.is_dir() {
                        folders.push(path.clone());
                    }
                    let below = path.strip_prefix(self.at("lower", "")).expect("below");
                    all.push(below.display().to_string());
                }
            }
            all.sort();
            all
        }
    }

    #[test]
    fn what_the_host_does_after_the_look_is_never_lost() {
        // a file that the run makes, one that it changes; the second step fails each time
        for (meanwhile, path) in [("theirs", "z-new"), ("theirs", "z-old")] {
            let case = Case::new(&[("a-old", "host"), ("z-old", "host")]);
            for path in ["a-new", "a-old", "z-new", "z-old"] {
                case.put("upper", path, "run");
            }
            let review = case.review();
            case.put("lower", path, meanwhile);
            let error = case.apply(&review).expect_err("refused").to_string();
            assert!(error.contains("everything was taken back"), "{error}");
            assert_eq!(case.read(path).as_deref(), Some(meanwhile), "{path}");
            assert_eq!(case.read("a-old").as_deref(), Some("host"));
            assert_eq!(case.read("a-new"), None);
            let expected = if path == "z-new" {
                vec!["a-old", "z-new", "z-old"]
            } else {
                vec!["a-old", "z-old"]
            };
            assert_eq!(case.names(), expected);
        }
    }

    #[test]
    fn a_folder_is_not_deleted_with_what_the_host_put_into_it() {
        let case = Case::new(&[("f/g/old", "host")]);
        // the folder became a file
        case.put("upper", "f", "run");
        let review = case.review();
        assert_eq!(review.changes.len(), 1);
        case.put("lower", "f/g/new", "theirs");
        let error = case.apply(&review).expect_err("refused").to_string();
        assert!(error.contains("changed outside"), "{error}");
        assert_eq!(case.names(), ["f", "f/g", "f/g/new", "f/g/old"]);
        // and seen at once, if it was before the look
        case.put("upper", "f", "run");
        assert!(case.review().changes[0].host_changed);
    }

    #[test]
    fn folders_that_may_not_be_written_to_get_their_files_first() {
        let case = Case::new(&[("closed/old", "host"), ("closed/gone/x", "host")]);
        case.mode("lower", "closed", 0o555);
        let case = case.begins();
        case.put("upper", "new/inner/file", "run");
        case.put("upper", "closed/file", "run");
        case.put("upper", "closed/old", "run");
        for (path, mode) in [("new/inner", 0o500), ("new", 0o555), ("closed", 0o555)] {
            case.mode("upper", path, mode);
        }
        case.apply(&case.review()).expect("applied");
        assert_eq!(case.read("new/inner/file").as_deref(), Some("run"));
        assert_eq!(case.read("closed/file").as_deref(), Some("run"));
        assert_eq!(case.read("closed/old").as_deref(), Some("run"));
        let mode = |path: &str| {
            let meta = fs::symlink_metadata(case.at("lower", path)).expect("is there");
            meta.mode() & 0o7777
        };
        let modes = (mode("new"), mode("new/inner"), mode("closed"));
        assert_eq!(modes, (0o555, 0o500, 0o555));
        for path in ["new/inner", "new", "closed"] {
            case.mode("lower", path, 0o755);
            case.mode("upper", path, 0o755);
        }
    }

    #[test]
    fn a_file_is_moved_unless_a_copy_would_be_another_one() {
        let case = Case::new(&[("changed", "host")]);
        for path in ["new", "changed", "twice", "rights", "inherits/file"] {
            case.put("upper", path, "run");
        }
        fs::hard_link(case.at("upper", "twice"), case.at("upper", "twice-2")).expect("linked");
        case.mode("upper", "rights", 0o4755);
        fs::create_dir(case.at("lower", "inherits")).expect("made");
        case.mode("lower", "inherits", 0o2755);
        let case = case.begins();
        let number = |side: &str, path: &str| {
            let meta = fs::symlink_metadata(case.at(side, path)).expect("is there");
            meta.ino()
        };
        let all = [
            ("new", true),
            ("changed", true),
            ("twice", false),
            ("twice-2", false),
            ("rights", false),
            ("inherits/file", false),
        ];
        let before = all.map(|(path, _)| number("upper", path));
        case.apply(&case.review()).expect("applied");
        for ((path, is_moved), before) in all.into_iter().zip(before) {
            assert_eq!(case.read(path).as_deref(), Some("run"), "{path}");
            assert_eq!(number("lower", path) == before, is_moved, "{path}");
        }
        let mode = fs::symlink_metadata(case.at("lower", "rights")).expect("is there");
        assert_eq!(mode.mode() & 0o7777, 0o755);
    }

    #[test]
    fn a_file_with_two_names_is_replaced_under_both() {
        let case = Case::new(&[("a", "host")]);
        fs::hard_link(case.at("lower", "a"), case.at("lower", "b")).expect("linked");
        let case = case.begins();
        case.put("upper", "a", "run a");
        case.put("upper", "b", "run b");
        case.apply(&case.review()).expect("applied");
        assert_eq!(case.read("a").as_deref(), Some("run a"));
        assert_eq!(case.read("b").as_deref(), Some("run b"));
    }
}
