//! Do the domains of people and home pages exist, and since when are they registered?
//!
//! A domain that is free to take gives whoever registers it the password reset of the account behind the address.

mod ask;
mod names;
mod rdap;

pub(crate) use ask::{Resolver, describe};
pub(crate) use names::used_by;
pub(crate) use rdap::Registrations;

/// The public service that finds the registry of a domain (<https://about.rdap.org/>).
pub const PUBLIC: &str = "https://rdap.org/";
