//! The Maven ecosystem: what `pom.xml` says. Nothing of a jar runs while it is resolved.

mod client;
pub mod config;
mod pom;
pub mod version;

pub use client::MavenRegistry;
pub use pom::observe;
pub use version::MavenVersion;
