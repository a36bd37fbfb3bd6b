//! The Packagist ecosystem: what `composer.json` says, and what of a package runs by itself.

mod manifest;

mod project;
mod version;
pub use manifest::observe;
pub use project::READERS;
pub use version::{ComposerVersion, ComposerVersionError};
