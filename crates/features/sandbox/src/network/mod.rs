//! The run's network: every address is this machine, and every connection ends at the supervisor, which decides.

pub(crate) mod interface;
pub(crate) mod listeners;
