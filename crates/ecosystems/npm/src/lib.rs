//! The npm ecosystem: what a manifest, an install surface, an endpoint and a registry answer *are* there.
//!
//! * [`manifest`]: `package.json` → facts, surfaces, problems (pure)
//! * [`gyp`]: `binding.gyp` → the commands that an implicit build runs (pure)
//! * [`repository`]: the many spellings of a source repository

pub mod gyp;
pub mod json;
pub mod manifest;
pub mod repository;
