//! The npm ecosystem: what a manifest, an install surface, an endpoint and a registry answer *are* there.
//!
//! * [`manifest`]: `package.json` → facts, surfaces, problems (pure)
//! * [`gyp`]: `binding.gyp` → the commands that an implicit build runs (pure)
//! * [`NpmRegistry`]: packuments and tarballs, through the trait [`foretaste_registry::Registry`]
//! * [`config`]: which registry npm would use here, and with which credentials
//! * [`repository`]: the many spellings of a source repository

mod client;
pub mod config;
#[doc(hidden)]
pub mod fuzzing;
pub mod gyp;
pub mod json;
pub mod manifest;
pub mod project;
pub mod repository;

pub use client::{NpmRegistry, published as published_digests};
pub use config::{NpmConfig, NpmSettings, yarn_registries};
