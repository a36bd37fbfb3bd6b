//! The cargo ecosystem: what a manifest, an install surface, an endpoint and a registry answer *are* there.
//!
//! * [`manifest`]: `Cargo.toml`, `.cargo_vcs_info.json` and build scripts → facts, surfaces, problems (pure)

pub mod manifest;
