//! The Maven ecosystem: what `pom.xml` says. Nothing of a jar runs while it is resolved.

mod pom;

pub use pom::observe;
