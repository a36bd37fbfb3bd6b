//! One file for each command.

pub(crate) mod advisories;
pub(crate) mod audit;
pub(crate) mod cache;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod diff;
pub(crate) mod doctor;
pub(crate) mod egress;
pub(crate) mod eval;
pub(crate) mod explain;
pub(crate) mod gate;
pub(crate) mod guard;
pub(crate) mod install;
pub(crate) mod known;
pub(crate) mod lock;
pub(crate) mod man;
pub(crate) mod monitor;
pub(crate) mod posture;
pub(crate) mod rules;
pub(crate) mod run;
pub(crate) mod sbom;
pub(crate) mod shell_init;
pub(crate) mod verify;
pub(crate) mod watch;
pub(crate) mod why;
