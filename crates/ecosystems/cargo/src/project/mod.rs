//! Manifests and locks of projects: `Cargo.toml`, `Cargo.lock`.

mod cargo_lock;
mod cargo_toml;

use foretaste_project::{Format, Reader};

/// How each file is read.
pub const READERS: &[Reader] = &[
    Reader {
        format: Format::CargoToml,
        matches: |path| path.rsplit('/').next() == Some("Cargo.toml"),
        read: cargo_toml::read,
    },
    Reader {
        format: Format::CargoLock,
        matches: |path| path.rsplit('/').next() == Some("Cargo.lock"),
        read: cargo_lock::read,
    },
];
