//! The Go ecosystem: what `go.mod` says. Nothing of a module runs while it is downloaded or built, cgo aside; its
//! `init` functions run in every program that imports the package.

mod client;
pub mod config;
mod go_mod;
mod project;
mod tree;
mod version;

pub use client::GoRegistry;
pub use config::GoConfig;
pub use go_mod::observe;
pub use project::READERS;
pub use tree::h1;
pub use version::{GoVersion, GoVersionError};
