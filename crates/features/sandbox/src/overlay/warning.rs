//! What deserves a look among changes: what runs by itself later, what gives rights, what leads out of the tree.

use std::path::{Component, Path, PathBuf};

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

/// Where something runs by itself: the beginning or end of a path, its id, the words.
const PLACES: &[(Place, &str, &str)] = &[
    (Place::Suffix(".pth"), "pth", "runs whenever Python starts"),
    (
        Place::Name("sitecustomize.py"),
        "sitecustomize",
        "runs whenever Python starts",
    ),
    (
        Place::Name("usercustomize.py"),
        "sitecustomize",
        "runs whenever Python starts",
    ),
    (
        Place::Within(".git/hooks"),
        "git-hook",
        "runs when git is used here",
    ),
    (
        Place::Ends(".git/config"),
        "git-config",
        "decides what git runs here",
    ),
    (
        Place::Within(".githooks"),
        "git-hook",
        "runs when git is used here",
    ),
    (
        Place::Within(".husky"),
        "git-hook",
        "runs when git is used here",
    ),
    (
        Place::Within(".github/workflows"),
        "workflow",
        "runs in continuous integration",
    ),
    (
        Place::Within(".github/actions"),
        "workflow",
        "runs in continuous integration",
    ),
    (
        Place::Name(".gitlab-ci.yml"),
        "workflow",
        "runs in continuous integration",
    ),
    (
        Place::Within(".circleci"),
        "workflow",
        "runs in continuous integration",
    ),
    (
        Place::Name("Jenkinsfile"),
        "workflow",
        "runs in continuous integration",
    ),
    (
        Place::Ends(".vscode/tasks.json"),
        "editor-task",
        "runs when the folder is opened",
    ),
    (
        Place::Ends(".vscode/settings.json"),
        "editor-task",
        "decides what the editor runs",
    ),
    (
        Place::Ends(".claude/settings.json"),
        "assistant",
        "decides what an assistant runs",
    ),
    (
        Place::Ends(".cursor/mcp.json"),
        "assistant",
        "decides what an assistant runs",
    ),
    (
        Place::Name(".bashrc"),
        "shell-start",
        "runs whenever a shell starts",
    ),
    (
        Place::Name(".bash_profile"),
        "shell-start",
        "runs whenever a shell starts",
    ),
    (
        Place::Name(".profile"),
        "shell-start",
        "runs whenever a shell starts",
    ),
    (
        Place::Name(".zshrc"),
        "shell-start",
        "runs whenever a shell starts",
    ),
    (
        Place::Name(".zshenv"),
        "shell-start",
        "runs whenever a shell starts",
    ),
    (
        Place::Ends(".config/fish/config.fish"),
        "shell-start",
        "runs whenever a shell starts",
    ),
    (
        Place::Name(".envrc"),
        "shell-start",
        "runs when the folder is entered",
    ),
    (
        Place::Within(".ssh"),
        "ssh",
        "decides who may log in, and how",
    ),
    (
        Place::Within(".config/systemd"),
        "service",
        "runs as a service",
    ),
    (
        Place::Within(".config/autostart"),
        "service",
        "runs at log-in",
    ),
    (Place::Within("cron.d"), "service", "runs by the clock"),
    (
        Place::Name(".npmrc"),
        "client-config",
        "decides where packages come from",
    ),
    (
        Place::Name(".yarnrc.yml"),
        "client-config",
        "decides where packages come from",
    ),
    (
        Place::Name("pip.conf"),
        "client-config",
        "decides where packages come from",
    ),
    (
        Place::Ends(".cargo/config.toml"),
        "client-config",
        "decides where packages come from and what builds run",
    ),
];

#[derive(Clone, Copy)]
enum Place {
    Suffix(&'static str),
    Name(&'static str),
    Ends(&'static str),
    Within(&'static str),
}

impl Place {
    fn is(self, path: &Path) -> bool {
        match self {
            Self::Suffix(suffix) => path.as_os_str().to_string_lossy().ends_with(suffix),
            Self::Name(name) => path.file_name().is_some_and(|own| own == name),
            Self::Ends(end) => path.ends_with(end),
            Self::Within(folder) => path
                .ancestors()
                .skip(1)
                .any(|above| above.ends_with(folder)),
        }
    }
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
            let native = [b"\x7fELF".as_slice(), b"MZ", b"\xcf\xfa\xed\xfe"]
                .iter()
                .any(|magic| changed.start.starts_with(magic));
            if native {
                add(Worry::Note, "native-program", "a new native program");
            } else if changed.mode & 0o111 != 0 {
                add(Worry::Note, "program", "a new program");
            }
        }
        _ => {}
    }
    if *changed.file != FileKind::Folder {
        for (place, id, words) in PLACES {
            // git's own examples do not run
            let is_sample = changed.path.extension().is_some_and(|e| e == "sample");
            // a link in the place of the folder brings everything that lies where it leads
            let is_folder =
                matches!(changed.file, FileKind::Link(_)) && place.is(&changed.path.join("-"));
            if (place.is(changed.path) || is_folder) && !is_sample {
                add(Worry::Look, id, words);
            }
        }
    }
    all
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
    let mut plain = PathBuf::from("/");
    for part in whole.components() {
        match part {
            Component::Normal(name) => plain.push(name),
            Component::ParentDir => {
                plain.pop();
            }
            _ => {}
        }
    }
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
    fn what_runs_by_itself_is_named() {
        for (path, id) in [
            ("lib/python3.11/site-packages/a.pth", "pth"),
            (".git/hooks/pre-commit", "git-hook"),
            ("sub/.github/workflows/x.yml", "workflow"),
            (".vscode/tasks.json", "editor-task"),
            (".bashrc", "shell-start"),
            (".ssh/authorized_keys", "ssh"),
        ] {
            assert_eq!(ids(path, &FileKind::File, 0o644), [id], "{path}");
        }
        assert!(ids("a.pth.txt", &FileKind::File, 0o644).is_empty());
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
