//! The store: facts by content digest, so that a file is observed once however many releases contain it.
//!
//! One SQLite database below the cache folder. It is a cache and behaves like one: opened on first use, shared
//! safely by concurrent processes, and never a reason for an audit to fail. What goes wrong is told as a
//! [`Notice`], and the audit observes afresh.

mod artifact;
mod database;
mod maintain;
mod notice;
mod store;
mod value;

pub use artifact::{FileRow, FileTable, PackedArtifact, StoredArtifact};
pub use maintain::{Prune, Pruned, StoreInfo, VersionInfo};
pub use notice::{Notice, StoreError};
pub use store::Store;
