//! The run's network: every address is this machine, and every connection ends at the supervisor, which decides.

pub(crate) mod authority;
mod decide;
mod desk;
mod dns;
mod gatekeeper;
mod hello;
mod http;
pub(crate) mod interface;
pub(crate) mod listeners;
mod names;
mod relay;
mod trap;

pub(crate) use authority::Authority;
pub(crate) use gatekeeper::{Callers, Gatekeeper};
