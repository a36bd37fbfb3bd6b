//! A project as it was in an earlier commit.

use std::collections::BTreeSet;
use std::path::Path;

use foretaste_io::files::{self, TemporaryDir};
use foretaste_io::git::{GitError, Repository, TreeFile};
use foretaste_io::{Environment, FileError};
use thiserror::Error;

use crate::disk::MAX_BYTES;
use crate::reader_of;

/// Bytes of a file that a manifest may include (`-r`, `-c`, `file:`), and of a policy.
const MAX_INCLUDED: u64 = 1 << 20;

/// Why a project's earlier state cannot be read.
#[derive(Debug, Error)]
pub enum RevisionError {
    /// The repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The folder into which it is written.
    #[error(transparent)]
    File(#[from] FileError),
}

/// The manifests, locks and policies of a project in an earlier commit, in a folder of their own that goes away with this value.
#[derive(Debug)]
pub struct Snapshot {
    folder: TemporaryDir,
    commit: String,
    files: Vec<String>,
    names: BTreeSet<String>,
    committed: Vec<String>,
}

impl Snapshot {
    /// Takes the files that readers know, and what these may include, and policies, from the commit that the working copy shares with a
    /// revision. Nothing is checked out and nothing of the repository runs.
    ///
    /// # Errors
    /// The folder is in no repository, the revision is none, or git cannot be asked.
    pub async fn take(
        folder: &Path,
        revision: &str,
        env: &Environment,
    ) -> Result<Self, RevisionError> {
        let repository = Repository::at(folder, env)?;
        let commit = repository.base(revision).await?;
        let mut wanted = repository.files(&commit).await?;
        let names = wanted.iter().map(|file| file.path.clone()).collect();
        wanted.retain(is_wanted);
        let committed = repository.files("HEAD").await?;
        let contents = repository.contents(&wanted).await?;
        let taken = TemporaryDir::new(None)?;
        for (file, content) in wanted.iter().zip(contents) {
            files::write(&taken.path().join(&file.path), &content)?;
        }
        Ok(Self {
            folder: taken,
            commit,
            files: wanted.into_iter().map(|file| file.path).collect(),
            names,
            committed: committed.into_iter().map(|file| file.path).collect(),
        })
    }

    /// Where the files lie.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The paths of the files that were taken.
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// The paths of all regular files of the earlier commit.
    pub const fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// The paths of all regular files of the commit that is checked out, whatever is ignored.
    pub fn committed(&self) -> &[String] {
        &self.committed
    }

    /// The commit.
    pub fn commit(&self) -> &str {
        &self.commit
    }
}

fn is_wanted(file: &TreeFile) -> bool {
    if reader_of(&file.path).is_some() {
        return file.size <= MAX_BYTES;
    }
    let name = file.path.rsplit('/').next().unwrap_or_default();
    let included = [".txt", ".in", ".cfg", ".toml"]
        .iter()
        .any(|e| name.ends_with(e));
    (included || name == ".gitignore") && file.size <= MAX_INCLUDED
}
