//! The Packagist ecosystem: what `composer.json` says, and what of a package runs by itself.

mod client;
pub mod config;
mod manifest;

mod project;
mod version;
pub use client::ComposerRegistry;
pub use manifest::observe;
pub use project::READERS;
pub use version::{ComposerVersion, ComposerVersionError};
