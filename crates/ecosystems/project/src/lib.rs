//! What a project says about its dependencies, as plain data.
//!
//! A [`Manifest`] asks for packages, a [`Lock`] says which ones it got, an [`Environment`] is what lies on a disk. Each
//! ecosystem crate brings a table of [`Reader`]s: pure functions from bytes to [`Reading`]s, in which everything has
//! its [`Place`] and nothing is lost because one part is broken. A [`Graph`] over a lock says why a package is there.

mod environment;
mod format;
mod graph;
mod location;
mod lock;
mod manifest;
mod place;
mod problem;
mod reader;
mod requirement;
mod source;
mod text;

pub use environment::{ChangedFile, Environment, FileChange, InstalledPackage};
pub use format::{Format, FormatKind};
pub use graph::{Graph, Step};
pub use location::Location;
pub use lock::{Edge, Lock, LockedArtifact, LockedPackage, Origin, Root};
pub use manifest::{DeclaredOption, Include, Manifest};
pub use place::Place;
pub use problem::Problem;
pub use reader::{Document, Files, Input, NoFiles, Reader, Reading, read_alone};
pub use requirement::{Constraint, Group, Requirement};
pub use source::{DeclaredSource, SourceKind};
pub use text::Text;
