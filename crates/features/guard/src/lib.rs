//! The guard: programs named like the package managers, first on `PATH`, which vet what an install brings before the real
//! program runs it.
//!
//! Programs rather than aliases, so that scripts, Makefiles and editors are covered as well as the prompt.

mod need;
mod shell;
mod shims;

pub use need::{Need, need};
pub use shell::Shell;
pub use shims::Shims;
