//! The Packagist ecosystem: what `composer.json` says, and what of a package runs by itself.

mod manifest;

pub use manifest::observe;
