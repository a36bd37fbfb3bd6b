//! The Packagist ecosystem: what `composer.json` says, and what of a package runs by itself.

mod manifest;
mod project;

pub use manifest::observe;
pub use project::READERS;
