//! Runs one command contained: what it may touch is decided before, what it did is recorded meanwhile, and what it
//! changed is looked at afterwards.

#[cfg(target_os = "linux")]
pub mod contained;
#[cfg(target_os = "linux")]
mod error;
#[cfg(target_os = "linux")]
pub mod host;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod network;
#[cfg(target_os = "linux")]
pub mod overlay;
#[cfg(target_os = "linux")]
pub mod policy;
#[cfg(target_os = "linux")]
mod prepare;
#[cfg(target_os = "linux")]
pub mod report;
#[cfg(target_os = "linux")]
mod rootfs;
#[cfg(target_os = "linux")]
mod seccomp;
#[cfg(target_os = "linux")]
mod supervisor;
#[cfg(target_os = "linux")]
mod sys;

#[cfg(target_os = "linux")]
pub use error::RunError;
#[cfg(target_os = "linux")]
pub use host::Host;
#[cfg(target_os = "linux")]
pub use seccomp::filter::Watch;
#[cfg(target_os = "linux")]
pub use supervisor::{Ended, Finished, Request, run};
