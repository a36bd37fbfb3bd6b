//! The cargo ecosystem: what a manifest, an install surface, an endpoint and a registry answer *are* there.
//!
//! * [`manifest`]: `Cargo.toml`, `.cargo_vcs_info.json` and build scripts → facts, surfaces, problems (pure)
//! * [`CargoRegistry`]: sparse index, crate files and web API, through [`foretaste_registry::Registry`]
//! * [`config`]: which registry cargo would use here, and with which token

mod client;
pub mod config;
#[doc(hidden)]
pub mod fuzzing;
pub mod manifest;
pub mod project;

pub use client::{CargoRegistry, download_url, index_path};
pub use config::{CargoConfig, CargoSettings};
