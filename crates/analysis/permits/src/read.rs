//! Reading a policy file, of whichever command.

use std::path::{Path, PathBuf};

use foretaste_io::{FileError, files};
use serde::de::DeserializeOwned;
use thiserror::Error;

/// The largest policy that is read, in bytes.
pub const MAX_POLICY: u64 = 1 << 20;

/// A policy that cannot be used.
#[derive(Debug, Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] FileError),
    /// It says something wrong.
    #[error("{}: {message}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// What, with line and column.
        message: String,
    },
}

/// Reads a file whose text is understood by `of_text`.
pub(crate) fn policy<T>(
    path: &Path,
    of_text: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, PolicyError> {
    let text = files::read_text(path, MAX_POLICY)?;
    of_text(&text).map_err(|message| PolicyError::Wrong {
        path: path.to_owned(),
        message,
    })
}

/// What a text says; an error tells line and column.
pub(crate) fn toml<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
}
