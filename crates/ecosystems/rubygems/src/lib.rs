//! The RubyGems ecosystem: what the specification inside a gem says, and what of a gem runs when it is installed.
//!
//! A gem is a tar archive of `data.tar.gz` (its files), `metadata.gz` (its specification as YAML) and
//! `checksums.yaml.gz`. Installing it runs the `extconf.rb`, `Rakefile` or `configure` that `extensions` names.

mod client;
pub mod config;
mod info;
mod project;
mod specification;
mod version;

pub use client::GemRegistry;
pub use project::READERS;
pub use specification::observe;
pub use version::{GemVersion, GemVersionError};
