//! The Maven ecosystem: what `pom.xml` says. Nothing of a jar runs while it is resolved.

mod pom;
pub mod version;

pub use pom::observe;
pub use version::MavenVersion;
