//! The file in which the index lies.

use std::path::{Path, PathBuf};

use foretaste_clones::{DEFAULT_FILE, Index, IndexError};
use foretaste_io::{Environment, FileError, files};
use thiserror::Error;

/// The largest index that is read.
const MAX_INDEX: u64 = 2 << 30;

/// Why the index cannot be used.
#[derive(Debug, Error)]
pub enum ShelfError {
    /// No data folder is known.
    #[error("no data folder is known on this system; set FORETASTE_DATA_DIR")]
    NoFolder,
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is something else, or damaged.
    #[error("cannot use the index of known-bad packages {}: {source}", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// Why.
        source: IndexError,
    },
}

/// The index and where it lies.
#[derive(Debug)]
pub struct Shelf {
    path: PathBuf,
    /// What is known. Written back by [`Self::save`].
    pub index: Index,
}

impl Shelf {
    /// Opens the user's index, or the one at `path`; a file that does not exist is an empty index.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    pub fn open(path: Option<&Path>, environment: &Environment) -> Result<Self, ShelfError> {
        let path = match path {
            Some(path) => path.to_owned(),
            None => environment
                .data_dir()
                .ok_or(ShelfError::NoFolder)?
                .join(DEFAULT_FILE),
        };
        let index = match files::read(&path, MAX_INDEX) {
            Ok(bytes) => Index::decode(&bytes).map_err(|source| ShelfError::Index {
                path: path.clone(),
                source,
            })?,
            Err(error) if error.is_not_found() => Index::default(),
            Err(error) => return Err(error.into()),
        };
        Ok(Self { path, index })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes it back, so that readers see the old index or the new one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self) -> Result<(), ShelfError> {
        let bytes = self.index.encode().map_err(|source| ShelfError::Index {
            path: self.path.clone(),
            source,
        })?;
        Ok(files::write_atomic(&self.path, &bytes)?)
    }
}
