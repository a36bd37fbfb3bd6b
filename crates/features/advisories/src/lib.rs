//! Keeps advisories on this machine: takes them over from files, folders and services, and brings them up to date.
//!
//! The database itself is `foretaste-osv`.

mod keeper;
mod place;
mod update;

pub use keeper::{ImportError, Keeper};
pub use place::Place;
pub use update::{How, Updated};
