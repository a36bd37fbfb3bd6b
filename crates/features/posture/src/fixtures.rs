//! Projects that tests read: nobody installs what they ask for, and one tool with a hundred of them would stand for an organisation.

use foretaste_model::words::counted;
use foretaste_projects::Project;

/// Folders in which tests keep what they read.
const FOLDERS: &[&str] = &[
    "fixtures",
    "__fixtures__",
    "testdata",
    "test-data",
    "test_data",
];

/// True for a file below such a folder, relative to its repository.
pub(crate) fn is_fixture(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').any(|name| FOLDERS.contains(&name))
}

/// Takes out what only tests read, and says how much that was.
pub(crate) fn leave_out(project: &mut Project) -> Option<String> {
    let before = project.manifests.len() + project.locks.len();
    project.manifests.retain(|m| !is_fixture(&m.path));
    project.locks.retain(|l| !is_fixture(&l.path));
    project.problems.retain(|p| !is_fixture(&p.place.path));
    let gone = before - project.manifests.len() - project.locks.len();
    (gone > 0).then(|| {
        format!(
            "test fixtures: {} of them ({})",
            counted(gone, "file"),
            FOLDERS.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_count_and_only_whole_names() {
        for path in [
            "tests/fixtures/a/package.json",
            "fixtures/poetry.lock",
            "pkg/testdata/go.mod",
        ] {
            assert!(is_fixture(path), "{path}");
        }
        for path in [
            "fixtures",
            "tests/package.json",
            "my-fixtures/go.mod",
            "testdata.json",
        ] {
            assert!(!is_fixture(path), "{path}");
        }
    }
}
