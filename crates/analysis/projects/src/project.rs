//! Discovery.

use std::path::Path;
use std::sync::Arc;

use foretaste_io::{Environment, FileError, files};
use foretaste_project::{
    Document, Files as _, Input, Lock, Manifest, NoFiles, Place, Problem, Reading,
};
use thiserror::Error;

use crate::disk::{Disk, MAX_BYTES};
use crate::reader_of;
use crate::unit::{Unit, units};

/// Files below a root that are looked at.
const MAX_ENTRIES: usize = 500_000;

/// Folders that tools fill: what lies there is not the project's own wish.
const FILLED: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    ".nox",
    ".tox",
    ".venv",
    "__pycache__",
    "bower_components",
    "node_modules",
    "site-packages",
    "vendor",
    "venv",
];

/// Files that only publishing makes: an sdist's metadata, and what `cargo package` leaves in a crate. A lock beside them
/// is not used by whoever installs the package.
const PUBLISHED: &[&str] = &["PKG-INFO", "Cargo.toml.orig", ".cargo_vcs_info.json"];

/// Why a project could not be read at all.
#[derive(Debug, Error)]
pub enum ProjectError {
    /// The folder or file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is of no format that is known.
    #[error(
        "{path} is no manifest or lock that is known; `foretaste audit --as package` tastes it as a package"
    )]
    UnknownFormat {
        /// The path as given.
        path: String,
    },
}

/// Everything that a project says about its dependencies.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// Its manifests, by path.
    pub manifests: Vec<Manifest>,
    /// Its locks, by path.
    pub locks: Vec<Lock>,
    /// What could not be read, in the order of the files.
    pub problems: Vec<Problem>,
}

impl Project {
    /// Reads every manifest and lock below a folder.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn discover(root: &Path, environment: &Environment) -> Result<Self, ProjectError> {
        let tree = own_tree(root)?;
        let mut project = Self::default();
        let disk = Disk::new(root, environment);
        for (path, _) in tree
            .files
            .iter()
            .filter(|(path, _)| reader_of(path).is_some())
        {
            project.add(&path.as_str().into(), &disk);
        }
        for (path, why) in tree.left_out {
            let path: Arc<str> = path.into();
            project.problems.push(Problem::new(Place::file(&path), why));
        }
        if tree.truncated {
            let message = format!("only the first {MAX_ENTRIES} files were looked at");
            project
                .problems
                .push(Problem::new(Place::file(&".".into()), message));
        }
        Ok(project)
    }

    /// Reads one file, and what it includes from the folder it is in.
    ///
    /// # Errors
    /// It cannot be read, or nobody reads its format.
    pub fn of_file(path: &Path, environment: &Environment) -> Result<Self, ProjectError> {
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        if reader_of(&name).is_none() {
            return Err(ProjectError::UnknownFormat {
                path: path.display().to_string(),
            });
        }
        files::read(path, MAX_BYTES)?;
        let folder = path
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        let mut project = Self::default();
        project.add(&name.into(), &Disk::new(folder, environment));
        Ok(project)
    }

    /// True if the folder or file holds what a project has and a published package does not: a lock, or a manifest of
    /// wishes such as `requirements.txt`; in a Git repository, anywhere below. A folder with a `pyproject.toml` alone is a
    /// package.
    pub fn looks_like_one(path: &Path) -> bool {
        let tells = |name: &str| {
            reader_of(name).is_some_and(|reader| {
                use foretaste_project::{Format, FormatKind};
                reader.format.kind() == FormatKind::Lock
                    || matches!(
                        reader.format,
                        Format::Requirements
                            | Format::Pipfile
                            | Format::CondaEnvironment
                            | Format::Gemfile
                            | Format::GoMod
                    )
            })
        };
        if files::is_file(path) {
            // a lone manifest given by name is a project too
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            return name.is_some_and(|name| reader_of(&name).is_some());
        }
        let names = files::list(path).unwrap_or_default();
        if names.iter().any(|n| PUBLISHED.contains(&n.as_str())) {
            return false;
        }
        if names.iter().any(|name| tells(name)) {
            return true;
        }
        // a repository of many projects may have none of its own
        let is_one = names.iter().any(|name| reader_of(name).is_some());
        names.iter().any(|name| name == ".git")
            && own_tree(path).is_ok_and(|tree| {
                let below = tree.files.iter().filter(|(path, _)| path.contains('/'));
                below
                    .map(|(path, _)| path.as_str())
                    .any(|path| tells(path) || !is_one && reader_of(path).is_some())
            })
    }

    /// The parts that are installed together: each lock with the manifests it was made from, and each manifest
    /// without a lock.
    pub fn units(&self) -> Vec<Unit<'_>> {
        units(self)
    }

    fn add(&mut self, path: &Arc<str>, disk: &Disk<'_>) {
        let Some(reader) = reader_of(path) else {
            return;
        };
        let bytes = match disk.read(path) {
            Ok(bytes) => bytes,
            Err(why) => {
                self.problems.push(Problem::new(Place::file(path), why));
                return;
            }
        };
        let input = Input {
            path,
            bytes: &bytes,
            files: disk,
        };
        self.take((reader.read)(&input));
    }

    /// Adds what was read of one file.
    pub fn take(&mut self, reading: Reading) {
        self.problems.extend(reading.problems);
        match reading.document {
            Some(Document::Manifest(manifest)) => self.manifests.push(manifest),
            Some(Document::Lock(lock)) => self.locks.push(lock),
            None => {}
        }
    }

    /// False for a path below a folder that tools fill, even where somebody committed it.
    pub fn is_own(path: &str) -> bool {
        !path.split('/').any(|part| FILLED.contains(&part))
    }

    /// Reads one document from memory, without other files.
    pub fn of_bytes(path: &str, bytes: &[u8]) -> Option<Reading> {
        let reader = reader_of(path)?;
        let path: Arc<str> = path.into();
        Some((reader.read)(&Input {
            path: &path,
            bytes,
            files: &NoFiles,
        }))
    }
}

/// The files below a folder, but for what was ignored or installed.
fn own_tree(root: &Path) -> Result<foretaste_io::Tree, FileError> {
    foretaste_io::tree(root, MAX_ENTRIES, |name, path| {
        !FILLED.contains(&name) && !files::exists(&path.join("pyvenv.cfg"))
    })
}
