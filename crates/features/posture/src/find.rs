//! Which repositories lie below a folder.

use std::path::{Path, PathBuf};

use foretaste_io::{FileError, files};

/// Levels below the root at which repositories are looked for: `host/group/subgroup/repository`.
const DEPTH: usize = 4;

/// A repository, or a project without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its name in reports: the path below the folder that was asked about, or that folder's own name.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// True if it has a Git history.
    pub has_history: bool,
}

/// The repositories below `root`, by name: `root` itself if it is one; else those in its folders; folders that are none
/// count as one project each if nothing below `root` is a repository.
///
/// # Errors
/// `root` cannot be listed.
pub fn find(root: &Path) -> Result<Vec<Found>, FileError> {
    let own_name = || {
        files::real_path(root)
            .and_then(|p| Some(p.file_name()?.to_string_lossy().into_owned()))
            .unwrap_or_else(|| root.display().to_string())
    };
    files::list(root)?;
    if is_repository(root) {
        return Ok(vec![Found {
            name: own_name(),
            path: root.to_owned(),
            has_history: true,
        }]);
    }
    let mut found = Vec::new();
    below(root, "", DEPTH, &mut found);
    if found.is_empty() {
        found.push(Found {
            name: own_name(),
            path: root.to_owned(),
            has_history: false,
        });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// A working copy (a worktree's or submodule's `.git` is a file).
fn is_repository(path: &Path) -> bool {
    files::exists(&path.join(".git"))
}

fn below(folder: &Path, prefix: &str, depth: usize, found: &mut Vec<Found>) {
    for name in files::list(folder).unwrap_or_default() {
        let path = folder.join(&name);
        if name.starts_with('.') || name == "node_modules" || !files::is_dir(&path) {
            continue;
        }
        let named = if prefix.is_empty() {
            name
        } else {
            format!("{prefix}/{name}")
        };
        if is_repository(&path) {
            found.push(Found {
                name: named,
                path,
                has_history: true,
            });
        } else if depth > 1 {
            below(&path, &named, depth - 1, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_found_below_groups_and_a_plain_folder_is_one_project() {
        let dir = tempfile::tempdir().expect("a folder");
        let make = |path: &str| files::create_dir(&dir.path().join(path)).expect("made");
        make("plain/src");
        let names = |root: &str| -> Vec<(String, bool)> {
            let all = find(&dir.path().join(root)).expect("listed");
            all.into_iter().map(|f| (f.name, f.has_history)).collect()
        };
        assert_eq!(names("plain"), [("plain".to_owned(), false)]);
        make("org/web/app/.git");
        make("org/api/.git/modules/x/.git");
        make("org/notes");
        assert_eq!(
            names("org"),
            [("api".to_owned(), true), ("web/app".to_owned(), true)]
        );
        assert_eq!(names("org/api"), [("api".to_owned(), true)]);
    }
}
