//! Is what a project installs what was locked? Each check has a file; each failure says where and what to do.
//!
//! What could not be checked is told as skipped, and is no pass.

mod checks;
mod failure;
mod verifier;

pub use failure::{Check, Failure, Skipped, Verification, schema};
pub use verifier::{Registries, Settings, Verifier, VerifyError};
