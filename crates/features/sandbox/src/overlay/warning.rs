//! What deserves a look among changes: what runs by itself later, what gives rights, what leads out of the tree.

use std::path::{Component, Path, PathBuf};

use foretaste_behaviour::places::{self, PLACES};

use super::change::FileKind;

/// How much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Worry {
    /// Usual for packages, good to know.
    Note,
    /// Unusual: somebody should look.
    Look,
    /// It is not applied.
    Refuse,
}

/// One reason to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// How much.
    pub worry: Worry,
    /// Its name in data.
    pub id: &'static str,
    /// In words.
    pub words: &'static str,
}

/// What is known of a changed path.
#[derive(Debug)]
pub(crate) struct Changed<'a> {
    /// Below the tree.
    pub(crate) path: &'a Path,
    /// The tree.
    pub(crate) tree: &'a Path,
    pub(crate) file: &'a FileKind,
    pub(crate) mode: u32,
    /// It was not executable before.
    pub(crate) newly_executable: bool,
    /// The first bytes of a file.
    pub(crate) start: &'a [u8],
    /// The folders that the run was shown.
    pub(crate) shown: &'a [PathBuf],
}

/// Every reason to look at a change.
pub(crate) fn of(changed: &Changed<'_>) -> Vec<Warning> {
    let mut all = Vec::new();
    let mut add = |worry, id, words| all.push(Warning { worry, id, words });
    if changed.mode & 0o6000 != 0 && *changed.file != FileKind::Folder {
        add(
            Worry::Look,
            "set-user-id",
            "would run with another user's rights; the bit is left out",
        );
    }
    match changed.file {
        FileKind::Special => add(
            Worry::Refuse,
            "special",
            "a device, pipe or socket; not applied",
        ),
        FileKind::Link(target) if leaves(changed, target) => {
            add(
                Worry::Refuse,
                "link-out",
                "a link that leads out of the tree; not applied",
            );
        }
        FileKind::File if changed.newly_executable => {
            if is_native(changed.start) {
                add(Worry::Note, "native-program", "a new native program");
            } else if changed.mode & 0o111 != 0 {
                add(Worry::Note, "program", "a new program");
            }
        }
        _ => {}
    }
    if *changed.file != FileKind::Folder {
        // git's own examples do not run
        let is_sample = changed.path.extension().is_some_and(|e| e == "sample");
        let is_link = matches!(changed.file, FileKind::Link(_));
        let below = PLACES
            .iter()
            .filter(|place| is_link && place.is_below(changed.path));
        for place in places::of(changed.path).chain(below).filter(|_| !is_sample) {
            if !all.iter().any(|known| known.id == place.id) {
                all.push(Warning {
                    worry: Worry::Look,
                    id: place.id,
                    words: place.words,
                });
            }
        }
    }
    all
}

/// True for a native program or library; what a compiler leaves to be linked is none yet.
fn is_native(start: &[u8]) -> bool {
    // `e_type` of an object file, in either order of bytes
    let is_object = matches!(start.get(16..18), Some([1, 0] | [0, 1]));
    start.starts_with(b"\x7fELF") && !is_object
        || start.starts_with(b"MZ")
        || start.starts_with(b"\xcf\xfa\xed\xfe")
}

/// True for a link that leads neither below what was shown nor into the system.
fn leaves(changed: &Changed<'_>, target: &Path) -> bool {
    const SYSTEM: [&str; 8] = [
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/lib64",
        "/opt",
        "/dev/null",
        "/nix/store",
    ];
    // behind a name, `..` leads to where that name leads, which may be another link
    let mut parts = target.components();
    if parts.any(|p| matches!(p, Component::Normal(_))) && parts.any(|p| p == Component::ParentDir)
    {
        return true;
    }
    let from = changed.tree.join(changed.path);
    let whole = from.parent().unwrap_or(changed.tree).join(target);
    let plain = super::plain(&whole);
    let allowed = SYSTEM
        .iter()
        .map(Path::new)
        .chain(changed.shown.iter().map(PathBuf::as_path));
    !allowed.into_iter().any(|folder| plain.starts_with(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(path: &str, file: &FileKind, mode: u32) -> Vec<&'static str> {
        let changed = Changed {
            path: Path::new(path),
            tree: Path::new("/p"),
            file,
            mode,
            newly_executable: true,
            start: b"#!/bin/sh",
            shown: &[PathBuf::from("/p")],
        };
        of(&changed).into_iter().map(|w| w.id).collect()
    }

    #[test]
    fn a_program_is_told_from_what_is_to_be_linked() {
        let elf = |kind: u8| {
            [
                b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".as_slice(),
                &[kind, 0],
            ]
            .concat()
        };
        assert!(!is_native(&elf(1)));
        assert!(is_native(&elf(2)) && is_native(&elf(3)) && is_native(b"MZ"));
        assert!(!is_native(b"#!/bin/sh"));
    }

    #[test]
    fn what_runs_by_itself_is_named() {
        assert_eq!(
            ids(".git/hooks/pre-commit", &FileKind::File, 0o644),
            ["git-hook"]
        );
        assert!(ids(".git/hooks/pre-commit.sample", &FileKind::File, 0o644).is_empty());
        let github = ids(".github", &FileKind::Link("/p/x".into()), 0o777);
        assert_eq!(github, ["workflow"]);
    }

    #[test]
    fn links_out_of_the_tree_are_refused() {
        let link = |target: &str| ids("a/b", &FileKind::Link(target.into()), 0o777);
        assert_eq!(link("/etc/passwd"), ["link-out"]);
        assert_eq!(link("../../etc/passwd"), ["link-out"]);
        assert_eq!(link("../c/../../../root/.ssh"), ["link-out"]);
        assert_eq!(link("../c/l/../x"), ["link-out"]);
        let hooks = ids(".git/hooks", &FileKind::Link("/p/x".into()), 0o777);
        assert_eq!(hooks, ["git-hook"]);
        assert!(link("../c").is_empty());
        assert!(link("/usr/bin/python3").is_empty());
        assert!(link("/p/x").is_empty());
    }

    #[test]
    fn rights_and_programs_are_named() {
        assert_eq!(
            ids("x", &FileKind::File, 0o4755),
            ["set-user-id", "program"]
        );
        assert_eq!(ids("x", &FileKind::Special, 0o644), ["special"]);
    }
}
