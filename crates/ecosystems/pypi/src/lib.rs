//! PyPI and what speaks its protocols.
//!
//! Indexes are found as this machine's client finds them; pages are read in HTML and JSON; file names, versions and
//! tags decide what the client could choose; manifests are read as pure functions of their text.

mod client;
pub mod discovery;
pub mod environment;
pub mod filename;
#[doc(hidden)]
pub mod fuzzing;
mod ini;
pub mod manifest;
pub mod platform;
pub mod project;
mod project_json;
pub mod simple;
mod toml_node;
pub mod version;

pub use client::PypiRegistry;
pub use discovery::{IndexStrategy, Indexes, Settings, ca_bundles, discover};
pub use filename::{DistFilename, WheelFilename};
pub use platform::Platform;
pub use version::PypiVersion;
