//! The files of a project: a folder without what its `.gitignore`s leave out.

use std::path::{Path, PathBuf};

use ignore::WalkBuilder;

use crate::files::{FileError, FileResult, relative};

/// The files of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// Regular files: the path below the root with `/` between its parts (lossy where it is not UTF-8), and where it
    /// lies. Sorted.
    pub files: Vec<(String, PathBuf)>,
    /// Folders or links that could not be read, and why. Sorted.
    pub left_out: Vec<(String, String)>,
    /// True if there are more than the bound that was asked for.
    pub truncated: bool,
}

/// Lists the regular files below `root`, at most `max_entries`. Ignore files (`.gitignore`, `.ignore`) below `root` are
/// respected whether or not it is a repository; those above it and the user's own are not, so that everybody sees the
/// same files. Links are not followed. `enter` says which folders to enter, by name and place.
///
/// # Errors
/// `root` itself cannot be listed.
pub fn tree(
    root: &Path,
    max_entries: usize,
    enter: impl Fn(&str, &Path) -> bool + Send + Sync + 'static,
) -> FileResult<Tree> {
    let mut tree = Tree::default();
    let walk = WalkBuilder::new(root)
        .hidden(false)
        .parents(false)
        .git_global(false)
        .git_exclude(false)
        .require_git(false)
        .follow_links(false)
        .max_depth(Some(64))
        .filter_entry(move |entry| {
            let is_folder = entry.file_type().is_some_and(|t| t.is_dir());
            entry.depth() == 0
                || !is_folder
                || enter(&entry.file_name().to_string_lossy(), entry.path())
        })
        .build();
    for entry in walk {
        match entry {
            Ok(entry) if entry.depth() == 0 => {}
            Ok(entry) if entry.file_type().is_some_and(|t| t.is_file()) => {
                if tree.files.len() >= max_entries {
                    tree.truncated = true;
                    break;
                }
                let path = entry.into_path();
                tree.files.push((relative(root, &path), path));
            }
            Ok(_) => {}
            Err(error) => {
                if tree.files.is_empty() && !root.is_dir() {
                    return Err(FileError::Io {
                        action: "list",
                        path: root.to_owned(),
                        source: error
                            .into_io_error()
                            .unwrap_or_else(|| std::io::Error::other("it is no folder")),
                    });
                }
                tree.left_out.push((place(root, &error), error.to_string()));
            }
        }
    }
    tree.files.sort();
    tree.left_out.sort();
    Ok(tree)
}

fn place(root: &Path, error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { path, .. } => relative(root, path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            place(root, err)
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::write;

    #[test]
    fn what_git_ignores_and_what_the_caller_skips_is_left_out() {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in [
            ("requirements.txt", ""),
            (".github/workflows/ci.yml", ""),
            ("build/requirements.txt", ""),
            ("app/.gitignore", "/local.txt\n"),
            ("app/local.txt", ""),
            ("app/kept.txt", ""),
            ("node_modules/a/package.json", ""),
            (".gitignore", "build/\n"),
        ] {
            write(&dir.path().join(name), text.as_bytes()).expect("written");
        }
        let tree = tree(dir.path(), 100, |name, _| name != "node_modules").expect("walked");
        let names: Vec<&str> = tree.files.iter().map(|(name, _)| &**name).collect();
        assert_eq!(
            names,
            [
                ".github/workflows/ci.yml",
                ".gitignore",
                "app/.gitignore",
                "app/kept.txt",
                "requirements.txt"
            ]
        );
        assert!(super::tree(dir.path(), 2, |_, _| true).is_ok_and(|t| t.truncated));
        assert!(super::tree(&dir.path().join("none"), 2, |_, _| true).is_err());
    }
}
