//! What the store tells its user, and why an operation on it failed.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// Something the user should know about the cache. Never a reason to fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The cache cannot be used; the audit goes on without it.
    Unusable {
        /// The database.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file was damaged or not ours: it was moved aside and a new cache begun.
    MovedAside {
        /// The database.
        path: PathBuf,
        /// Where the old file is now.
        to: PathBuf,
        /// What was wrong with it.
        reason: String,
    },
    /// Reading or writing failed once; those facts are observed afresh.
    Failed {
        /// The database.
        path: PathBuf,
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unusable { path, reason } => {
                write!(f, "works without the cache {}: {reason}", path.display())
            }
            Self::MovedAside { path, to, reason } => write!(
                f,
                "began a new cache {}: {reason}; the old file is now {}",
                path.display(),
                to.display()
            ),
            Self::Failed { path, reason } => {
                write!(f, "the cache {} failed: {reason}", path.display())
            }
        }
    }
}

/// Why the store could not do what it was asked for directly (`cache info`, `cache prune`).
#[derive(Debug, Error)]
pub enum StoreError {
    /// The database cannot be opened.
    #[error("cannot open the cache {path}: {reason}; remove the file or choose another cache folder", path = .path.display())]
    Open {
        /// The database.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// SQLite refused a statement.
    #[error("cannot use the cache {path}: {source}", path = .path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// SQLite's error.
        source: sqlx::Error,
    },
}
