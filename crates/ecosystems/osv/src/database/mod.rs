//! The records of an ecosystem in one file, and the folder of such files.

mod file;
mod folder;
mod import;
mod layout;

use std::path::PathBuf;

use foretaste_io::FileError;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use file::Database;
pub use folder::Advisories;
pub(crate) use layout::hash;

pub use import::{Import, Importer, Problem, is_record_file};

/// Why a database cannot be used.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is something else, damaged, or of another version.
    #[error("cannot use the advisories in {}: {reason}; import them again", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// It grew beyond what the format can hold.
    #[error("the advisories of one ecosystem do not fit into one file")]
    TooLarge,
}

/// Where records came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The file, folder or URL, without credentials.
    pub location: Box<str>,
    /// When it was last imported.
    pub imported: Timestamp,
    /// As of when it says everything it knows of the ecosystem; none if it is only some records.
    pub as_of: Option<Timestamp>,
}
