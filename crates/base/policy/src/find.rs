//! Where the policy file is looked for.

use std::path::{Path, PathBuf};

/// The name of the policy file.
pub const FILE_NAME: &str = "foretaste.toml";

/// Where to look. The caller brings what it knows of the process and the disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Search<'a> {
    /// `--config`.
    pub flag: Option<&'a Path>,
    /// `FORETASTE_CONFIG`; empty counts as not set.
    pub environment: Option<&'a Path>,
    /// The working folder, absolute.
    pub working_dir: Option<&'a Path>,
    /// The user's home folder.
    pub home: Option<&'a Path>,
    /// The user's configuration folder (`~/.config` on Linux).
    pub config_dir: Option<&'a Path>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// The user named this file: if it cannot be read, that is an error.
    Named {
        /// The file.
        path: PathBuf,
        /// `--config` or `FORETASTE_CONFIG`.
        by: &'static str,
    },
    /// This file exists in a place where policies are looked for.
    Discovered(PathBuf),
    /// There is none: the defaults hold.
    Nothing,
}

impl Search<'_> {
    /// The one policy file in force, the first of: `--config`; `FORETASTE_CONFIG`; `foretaste.toml` in the working
    /// folder and upwards, up to the repository's root (the folder with `.git`) or, outside of a repository, to the home
    /// folder; `foretaste/foretaste.toml` in the user's configuration folder. Files are not merged.
    ///
    /// `exists` tells whether a path exists.
    pub fn find(&self, exists: impl Fn(&Path) -> bool) -> Found {
        let named = [
            (self.flag, "--config"),
            (self.environment, "FORETASTE_CONFIG"),
        ];
        for (path, by) in named {
            if let Some(path) = path.filter(|p| !p.as_os_str().is_empty()) {
                let path = path.to_path_buf();
                return Found::Named { path, by };
            }
        }
        let user_file = self
            .config_dir
            .map(|dir| dir.join("foretaste").join(FILE_NAME));
        self.upwards(&exists)
            .into_iter()
            .chain(user_file)
            .find(|candidate| exists(candidate))
            .map_or(Found::Nothing, Found::Discovered)
    }

    /// The candidates from the working folder upwards.
    fn upwards(&self, exists: &impl Fn(&Path) -> bool) -> Vec<PathBuf> {
        let Some(start) = self.working_dir else {
            return Vec::new();
        };
        let is_end = |folder: &&Path| exists(&folder.join(".git")) || Some(*folder) == self.home;
        // Without an end above it, only the working folder counts: `/tmp/foretaste.toml` may be anybody's.
        let depth = start
            .ancestors()
            .position(|folder| is_end(&folder))
            .unwrap_or(0);
        let folders = start.ancestors().take(depth + 1);
        folders.map(|folder| folder.join(FILE_NAME)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(search: Search<'_>, present: &[&str]) -> Found {
        search.find(|path| present.iter().any(|p| Path::new(p) == path))
    }

    #[test]
    fn the_first_place_wins() {
        let search = Search {
            flag: None,
            environment: None,
            working_dir: Some(Path::new("/home/u/repo/sub/dir")),
            home: Some(Path::new("/home/u")),
            config_dir: Some(Path::new("/home/u/.config")),
        };
        let user = "/home/u/.config/foretaste/foretaste.toml";
        for (present, expected) in [
            (vec![], None),
            (vec![user], Some(user)),
            (
                vec![user, "/home/u/repo/foretaste.toml"],
                Some("/home/u/repo/foretaste.toml"),
            ),
            (
                vec![
                    "/home/u/repo/sub/foretaste.toml",
                    "/home/u/repo/foretaste.toml",
                ],
                Some("/home/u/repo/sub/foretaste.toml"),
            ),
            (vec!["/home/u/repo/.git", "/home/u/foretaste.toml"], None),
            (
                vec!["/home/u/foretaste.toml"],
                Some("/home/u/foretaste.toml"),
            ),
            (vec!["/home/foretaste.toml"], None),
        ] {
            let expected = expected.map_or(Found::Nothing, |p| Found::Discovered(p.into()));
            assert_eq!(find(search, &present), expected, "{present:?}");
        }
    }

    #[test]
    fn outside_of_home_and_repository_only_the_working_folder_counts() {
        let search = Search {
            working_dir: Some(Path::new("/tmp/x")),
            home: Some(Path::new("/home/u")),
            ..Search::default()
        };
        assert_eq!(find(search, &["/tmp/foretaste.toml"]), Found::Nothing);
        assert_eq!(
            find(search, &["/tmp/x/foretaste.toml"]),
            Found::Discovered("/tmp/x/foretaste.toml".into())
        );
    }

    #[test]
    fn a_named_file_need_not_exist_to_be_chosen() {
        let search = Search {
            flag: Some(Path::new("a.toml")),
            environment: Some(Path::new("b.toml")),
            ..Search::default()
        };
        let named = |path: &str, by| Found::Named {
            path: path.into(),
            by,
        };
        assert_eq!(find(search, &[]), named("a.toml", "--config"));
        let search = Search {
            flag: None,
            ..search
        };
        assert_eq!(find(search, &[]), named("b.toml", "FORETASTE_CONFIG"));
        let search = Search {
            environment: Some(Path::new("")),
            ..search
        };
        assert_eq!(find(search, &[]), Found::Nothing);
    }
}
