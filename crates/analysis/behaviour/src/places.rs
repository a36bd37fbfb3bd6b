//! Where something runs by itself later, or decides what does: one list for what is written while a command runs, and for
//! what is changed when it has ended.

use std::path::Path;
use std::sync::LazyLock;

use memchr::memmem;

use crate::hidden;

/// What a place means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    at: &'static [At],
    /// Its name in data.
    pub id: &'static str,
    /// In words.
    pub words: &'static str,
    /// It means something in a project, and nothing in a package that a manager unpacked.
    of_projects: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    /// Any file whose name ends so.
    Suffix(&'static str),
    /// A file with this name, anywhere.
    Name(&'static str),
    /// A file with this end of a path.
    Ends(&'static str),
    /// Anything below a folder with this end of a path.
    Within(&'static str),
}

use At::{Ends, Name, Suffix, Within};

const PYTHON: &str = "runs whenever Python starts";
const GIT: &str = "runs when git is used here";
const CI: &str = "runs in continuous integration";
const SHELL: &str = "runs whenever a shell starts";
const SOURCES: &str = "decides where packages come from";
const ASSISTANT: &str = "decides what an assistant runs";

/// How the names of places begin that begin with a dot.
const HIDDEN: &[&str] = &[
    "bash", "cargo", "circleci", "claude", "config", "cursor", "envrc", "git", "husky", "npmrc",
    "profile", "ssh", "vscode", "yarnrc", "zprofile", "zsh",
];

/// Folders into which managers unpack packages, which bring their own workflows, hooks and settings along.
const PACKAGES: &[&str] = &["node_modules", "site-packages", "registry/src"];

/// Every place.
pub const PLACES: &[Place] = &[
    place(&[Suffix(".pth")], "pth", PYTHON),
    place(
        &[Name("sitecustomize.py"), Name("usercustomize.py")],
        "sitecustomize",
        PYTHON,
    ),
    place(&[Within(".git/hooks")], "git-hook", GIT),
    of_projects(&[Within(".githooks"), Within(".husky")], "git-hook", GIT),
    place(
        &[Ends(".git/config")],
        "git-config",
        "decides what git runs here",
    ),
    place(
        &[Name(".gitconfig"), Within(".config/git")],
        "git-config",
        "decides what git runs",
    ),
    of_projects(
        &[
            Within(".github/workflows"),
            Within(".github/actions"),
            Name(".gitlab-ci.yml"),
            Within(".circleci"),
            Name("Jenkinsfile"),
        ],
        "workflow",
        CI,
    ),
    of_projects(
        &[Ends(".vscode/tasks.json")],
        "editor-task",
        "runs when the folder is opened",
    ),
    of_projects(
        &[Ends(".vscode/settings.json")],
        "editor-task",
        "decides what the editor runs",
    ),
    of_projects(
        &[Ends(".claude/settings.json"), Ends(".cursor/mcp.json")],
        "assistant",
        ASSISTANT,
    ),
    place(
        &[
            Name(".bashrc"),
            Name(".bash_profile"),
            Name(".bash_login"),
            Name(".profile"),
            Name(".zshrc"),
            Name(".zshenv"),
            Name(".zprofile"),
            Within("etc/profile.d"),
            Ends(".config/fish/config.fish"),
        ],
        "shell-start",
        SHELL,
    ),
    place(
        &[Name(".envrc")],
        "shell-start",
        "runs when the folder is entered",
    ),
    place(&[Within(".ssh")], "ssh", "decides who may log in, and how"),
    place(
        &[Within(".config/systemd"), Within("etc/systemd")],
        "service",
        "runs as a service",
    ),
    place(
        &[Within("LaunchAgents"), Within(".config/autostart")],
        "service",
        "runs at log-in",
    ),
    place(
        &[
            Within("cron.d"),
            Within("etc/cron.daily"),
            Within("etc/cron.hourly"),
            Within("var/spool/cron"),
            Name("crontab"),
        ],
        "service",
        "runs by the clock",
    ),
    place(
        &[Name("ld.so.preload")],
        "preload",
        "runs in every program that starts",
    ),
    of_projects(
        &[Name(".npmrc"), Name(".yarnrc.yml"), Name("pip.conf")],
        "client-config",
        SOURCES,
    ),
    of_projects(
        &[Ends(".cargo/config.toml")],
        "client-config",
        "decides where packages come from and what builds run",
    ),
];

const fn place(at: &'static [At], id: &'static str, words: &'static str) -> Place {
    Place {
        at,
        id,
        words,
        of_projects: false,
    }
}

const fn of_projects(at: &'static [At], id: &'static str, words: &'static str) -> Place {
    Place {
        of_projects: true,
        ..place(at, id, words)
    }
}

/// The places that a file is in. Its path is plain: without `.`, `..` and empty parts.
pub fn of(path: &Path) -> impl Iterator<Item = &'static Place> {
    let may_be = may_be(path.as_os_str().as_encoded_bytes());
    PLACES.iter().filter(move |place| may_be && place.is(path))
}

/// False for a path that is in no place, by one look: most are in none.
fn may_be(path: &[u8]) -> bool {
    static MARKS: LazyLock<[memmem::Finder<'static>; 8]> = LazyLock::new(|| {
        [
            "etc/",
            "cron",
            "LaunchAgents/",
            "customize.py",
            "Jenkinsfile",
            "ld.so.preload",
            "pip.conf",
            ".pth",
        ]
        .map(memmem::Finder::new)
    });
    hidden::begins(path, HIDDEN) || MARKS.iter().any(|mark| mark.find(path).is_some())
}

impl Place {
    /// True for a file in this place. Its path is plain.
    pub fn is(&self, path: &Path) -> bool {
        self.at.iter().any(|at| at.is(path)) && !(self.of_projects && is_in_package(path))
    }

    /// True if the path is a folder on the way to this place, or the place itself: a link there brings along whatever
    /// lies where it leads.
    pub fn is_below(&self, path: &Path) -> bool {
        self.at.iter().any(|at| at.is_below(path)) && !(self.of_projects && is_in_package(path))
    }
}

impl At {
    fn is(self, path: &Path) -> bool {
        let bytes = path.as_os_str().as_encoded_bytes();
        match self {
            Suffix(suffix) => bytes.ends_with(suffix.as_bytes()),
            Name(name) => path.file_name().is_some_and(|own| own == name),
            Ends(end) => path.ends_with(end),
            Within(folder) => is_within(bytes, folder.as_bytes()),
        }
    }

    fn is_below(self, path: &Path) -> bool {
        let (way, itself) = match self {
            Within(folder) => (folder, true),
            Ends(end) => (end, false),
            Suffix(_) | Name(_) => return false,
        };
        Path::new(way)
            .ancestors()
            .skip(usize::from(!itself))
            .filter(|part| !part.as_os_str().is_empty())
            // `.config` alone holds too much else
            .any(|part| part.as_os_str() != ".config" && path.ends_with(part))
    }
}

/// True for a file of a package that a manager unpacked.
fn is_in_package(path: &Path) -> bool {
    let path = path.as_os_str().as_encoded_bytes();
    let mut folders = PACKAGES.iter();
    folders.any(|folder| is_within(path, folder.as_bytes()))
}

/// True for something below a folder with this end of a path: no part of the path is looked at twice.
fn is_within(path: &[u8], folder: &[u8]) -> bool {
    memmem::find_iter(path, folder).any(|start| {
        let (before, rest) = path.split_at(start);
        let after = rest.get(folder.len()..).unwrap_or(&[]);
        (before.is_empty() || before.ends_with(b"/")) && matches!(after, [b'/', _, ..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(path: &str) -> Vec<&'static str> {
        of(Path::new(path)).map(|place| place.id).collect()
    }

    #[test]
    fn what_runs_by_itself_is_named() {
        for (path, id) in [
            ("lib/python3.11/site-packages/a.pth", "pth"),
            (".git/hooks/pre-commit", "git-hook"),
            ("sub/.github/workflows/x.yml", "workflow"),
            (".vscode/tasks.json", "editor-task"),
            ("/home/me/.bashrc", "shell-start"),
            ("/home/me/.ssh/authorized_keys", "ssh"),
            ("/etc/cron.d/x", "service"),
            ("/a/old.husky/.husky/x/y", "git-hook"),
        ] {
            assert_eq!(ids(path), [id], "{path}");
        }
        for path in [
            "a.pth.txt",
            "src/crontab.rs",
            "docs/hooks/x",
            "/home/me/.ssh",
            "/home/me/.ssh/",
            "old.ssh/x",
            ".sshd/x",
        ] {
            assert!(ids(path).is_empty(), "{path}");
        }
    }

    #[test]
    fn what_packages_bring_along_means_nothing_there() {
        for path in [
            "node_modules/a/.github/workflows/ci.yml",
            "/home/me/.cargo/registry/src/index/a-1.0.0/.github/workflows/ci.yml",
            "node_modules/@a/b/.vscode/settings.json",
            "node_modules/a/.husky/pre-commit",
            "node_modules/a/.npmrc",
        ] {
            assert!(ids(path).is_empty(), "{path}");
        }
        for (path, id) in [
            ("node_modules/a/.git/hooks/pre-commit", "git-hook"),
            ("lib/site-packages/a.pth", "pth"),
            ("registry/.github/workflows/ci.yml", "workflow"),
        ] {
            assert_eq!(ids(path), [id], "{path}");
        }
    }

    #[test]
    fn the_first_look_misses_none() {
        for at in PLACES.iter().flat_map(|place| place.at) {
            let path = match *at {
                Suffix(end) => format!("a/b{end}"),
                Name(path) | Ends(path) => path.to_owned(),
                Within(folder) => format!("{folder}/x"),
            };
            for path in [format!("/home/me/{path}"), path] {
                assert!(at.is(Path::new(&path)), "{path}");
                assert!(may_be(path.as_bytes()), "{path}");
            }
        }
    }

    #[test]
    fn links_on_the_way_are_as_good_as_the_place() {
        let leads = |path: &str| PLACES.iter().any(|place| place.is_below(Path::new(path)));
        for path in [
            ".github",
            "a/.github/workflows",
            ".git",
            ".git/hooks",
            ".vscode",
            ".husky",
        ] {
            assert!(leads(path), "{path}");
        }
        for path in ["src", "hooks", ".config", "workflows"] {
            assert!(!leads(path), "{path}");
        }
    }
}
