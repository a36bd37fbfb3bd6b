//! Runs one command contained: what it may touch is decided before, what it did is recorded meanwhile, and what it
//! changed is looked at afterwards. Linux only: nothing of this crate exists elsewhere.
#![cfg(target_os = "linux")]

mod budget;
mod canaries;
pub mod contained;
pub mod doctor;
mod error;
pub mod host;
mod kernel;
mod landlock;
mod limits;
mod network;
pub mod overlay;
pub mod policy;
mod prepare;
pub mod registry_hosts;
pub mod report;
mod rootfs;
mod seccomp;
mod supervisor;
mod sys;
pub mod trace;

pub use contained::backend::Isolation;
pub use error::RunError;
pub use host::Host;
pub use seccomp::filter::Watch;
pub use supervisor::{Ended, Finished, Output, Request, run};
