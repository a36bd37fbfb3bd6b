//! Do the domains of people and home pages exist, and since when are they registered?
//!
//! A domain that is free to take gives whoever registers it the password reset of the account behind the address.

mod ask;
mod names;
mod rdap;
mod resolver;

pub(crate) use ask::describe;
pub(crate) use names::used_by;
pub(crate) use rdap::Registrations;
pub(crate) use resolver::Resolver;

/// The public service that finds the registry of a domain (<https://about.rdap.org/>).
pub const PUBLIC: &str = "https://rdap.org/";
