//! The binary as its users run it: a clean environment, loopback registries, both streams and the exit code.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "tests look at the disk, start programs themselves and say what they leave out"
)]

mod advisories;
mod attacks;
mod cargo_locks;
mod ci;
mod command_line;
mod configuration;
mod drift;
mod eval;
mod evasions;
#[cfg(unix)]
mod guard;
#[cfg(unix)]
mod install;
mod kept;
mod known;
mod local;
mod locks;
mod mail;
#[cfg(target_os = "linux")]
mod monitor;
mod own_rules;
mod packed;
mod policies;
mod policy_keys;
mod posture;
mod projects;
mod registries;
#[cfg(target_os = "linux")]
mod run;
mod sbom;
mod since;
mod support;
mod templates;
mod watch;
