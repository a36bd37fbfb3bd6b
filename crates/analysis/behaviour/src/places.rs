//! Where something runs by itself later, or decides what does: one list for what is written while a command runs, and for
//! what is changed when it has ended.

use std::path::Path;

/// What a place means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    at: At,
    /// Its name in data.
    pub id: &'static str,
    /// In words.
    pub words: &'static str,
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

/// Every place.
pub const PLACES: &[Place] = &[
    place(Suffix(".pth"), "pth", PYTHON),
    place(Name("sitecustomize.py"), "sitecustomize", PYTHON),
    place(Name("usercustomize.py"), "sitecustomize", PYTHON),
    place(Within(".git/hooks"), "git-hook", GIT),
    place(Within(".githooks"), "git-hook", GIT),
    place(Within(".husky"), "git-hook", GIT),
    place(
        Ends(".git/config"),
        "git-config",
        "decides what git runs here",
    ),
    place(Name(".gitconfig"), "git-config", "decides what git runs"),
    place(Within(".config/git"), "git-config", "decides what git runs"),
    place(Within(".github/workflows"), "workflow", CI),
    place(Within(".github/actions"), "workflow", CI),
    place(Name(".gitlab-ci.yml"), "workflow", CI),
    place(Within(".circleci"), "workflow", CI),
    place(Name("Jenkinsfile"), "workflow", CI),
    place(
        Ends(".vscode/tasks.json"),
        "editor-task",
        "runs when the folder is opened",
    ),
    place(
        Ends(".vscode/settings.json"),
        "editor-task",
        "decides what the editor runs",
    ),
    place(Ends(".claude/settings.json"), "assistant", ASSISTANT),
    place(Ends(".cursor/mcp.json"), "assistant", ASSISTANT),
    place(Name(".bashrc"), "shell-start", SHELL),
    place(Name(".bash_profile"), "shell-start", SHELL),
    place(Name(".bash_login"), "shell-start", SHELL),
    place(Name(".profile"), "shell-start", SHELL),
    place(Name(".zshrc"), "shell-start", SHELL),
    place(Name(".zshenv"), "shell-start", SHELL),
    place(Name(".zprofile"), "shell-start", SHELL),
    place(Within("etc/profile.d"), "shell-start", SHELL),
    place(Ends(".config/fish/config.fish"), "shell-start", SHELL),
    place(
        Name(".envrc"),
        "shell-start",
        "runs when the folder is entered",
    ),
    place(Within(".ssh"), "ssh", "decides who may log in, and how"),
    place(Within(".config/systemd"), "service", "runs as a service"),
    place(Within("etc/systemd"), "service", "runs as a service"),
    place(Within("LaunchAgents"), "service", "runs at log-in"),
    place(Within(".config/autostart"), "service", "runs at log-in"),
    place(Within("cron.d"), "service", "runs by the clock"),
    place(Within("etc/cron.daily"), "service", "runs by the clock"),
    place(Within("etc/cron.hourly"), "service", "runs by the clock"),
    place(Within("var/spool/cron"), "service", "runs by the clock"),
    place(Name("crontab"), "service", "runs by the clock"),
    place(
        Name("ld.so.preload"),
        "preload",
        "runs in every program that starts",
    ),
    place(Name(".npmrc"), "client-config", SOURCES),
    place(Name(".yarnrc.yml"), "client-config", SOURCES),
    place(Name("pip.conf"), "client-config", SOURCES),
    place(
        Ends(".cargo/config.toml"),
        "client-config",
        "decides where packages come from and what builds run",
    ),
];

const fn place(at: At, id: &'static str, words: &'static str) -> Place {
    Place { at, id, words }
}

impl Place {
    /// True for a file in this place.
    pub fn is(&self, path: &Path) -> bool {
        match self.at {
            Suffix(suffix) => path.as_os_str().to_string_lossy().ends_with(suffix),
            Name(name) => path.file_name().is_some_and(|own| own == name),
            Ends(end) => path.ends_with(end),
            Within(folder) => path
                .ancestors()
                .skip(1)
                .any(|above| above.ends_with(folder)),
        }
    }

    /// True if the path is a folder on the way to this place, or the place itself: a link there brings along whatever
    /// lies where it leads.
    pub fn is_below(&self, path: &Path) -> bool {
        let (way, itself) = match self.at {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(path: &str) -> Vec<&'static str> {
        let path = Path::new(path);
        let places = PLACES.iter().filter(|place| place.is(path));
        places.map(|place| place.id).collect()
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
        ] {
            assert_eq!(ids(path), [id], "{path}");
        }
        for path in ["a.pth.txt", "src/crontab.rs", "docs/hooks/x"] {
            assert!(ids(path).is_empty(), "{path}");
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
