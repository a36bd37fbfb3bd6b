//! The NuGet ecosystem: what a `.nuspec` says, and what of a package runs when it is installed or built with.
//!
//! Visual Studio runs `tools/init.ps1` (and older ones `tools/install.ps1`); MSBuild reads `build/<id>.props` and
//! `build/<id>.targets` in every build that references the package.

mod client;
pub mod config;
mod msbuild;
mod nuspec;
mod version;

pub use client::NuGetRegistry;
pub use msbuild::observe as msbuild;
pub use nuspec::observe as nuspec;
pub use version::{NuGetVersion, NuGetVersionError};
