//! Credentials, each bound to the place it was given for.

mod netrc;
mod store;

pub use netrc::{Netrc, NetrcEntry};
pub use store::{Auth, Credentials};
