//! Locks of projects: `Cargo.lock`.

mod cargo_lock;

use foretaste_project::{Format, Reader};

/// How each file is read.
pub const READERS: &[Reader] = &[Reader {
    format: Format::CargoLock,
    matches: |path| path.rsplit('/').next() == Some("Cargo.lock"),
    read: cargo_lock::read,
}];
