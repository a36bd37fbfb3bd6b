//! The gate over loopback: protocols, decisions, reliability.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::similar_names,
    reason = "tests look at the disk, start programs, say what they skip and compare pairs"
)]

mod admin;
mod browser;
mod cargo;
mod clients;
mod crowd;
mod cut;
#[cfg(target_os = "linux")]
mod disk;
mod keeping;
mod killed;
mod matrix;
mod npm;
mod objects;
mod oidc;
mod openapi;
mod postgres;
mod pypi;
mod shared;
mod streaming;
mod support;
mod traces;
mod trouble;
mod upload;
