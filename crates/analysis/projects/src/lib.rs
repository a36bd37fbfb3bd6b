//! Finds and reads every manifest and lock of a project or monorepo.
//!
//! [`Project::discover`] walks a folder without what `.gitignore` leaves out; [`Project::of_file`] reads one file. The
//! readers themselves are pure and live in the ecosystem crates; [`readers`] lists them all.

mod disk;
mod installed;
mod project;
mod readers;
mod revision;
mod setup_py;
mod unit;
mod uv;

pub use installed::Installed;
pub use project::{Project, ProjectError};
pub use readers::{reader_of, readers};
pub use revision::{RevisionError, Snapshot};
pub use unit::Unit;
pub use uv::{Uv, UvError};
