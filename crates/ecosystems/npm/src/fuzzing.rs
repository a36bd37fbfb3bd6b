//! Doors for the fuzz targets to what only the client calls; no part of the interface.

pub use crate::client::fuzzing::{advisories, packument};
