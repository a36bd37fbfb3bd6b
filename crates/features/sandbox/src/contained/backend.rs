//! Behind what the command runs, once root and network are its own: the kernel with a filter, or another kernel.
//!
//! A virtual machine would be a third one: it gets the same root, network, folders for changes and planted secrets.

use std::convert::Infallible;
use std::ffi::OsString;

use super::channel::Channel;
use super::failure::Failure;
use super::plan::Plan;
use super::{command, gvisor};

pub use foretaste_permits::run::isolation::Isolation;

/// What keeps the command from this machine.
pub(crate) fn of(isolation: Isolation) -> &'static dyn Backend {
    match isolation {
        Isolation::Namespaces => &command::Filtered,
        Isolation::Gvisor => &gvisor::Gvisor,
    }
}

/// What differs between them. Everything is decided before the command runs.
pub(crate) trait Backend: Sync {
    /// What it needs on this machine is there.
    ///
    /// # Errors
    /// What is missing.
    fn is_there(&self) -> Result<(), Failure> {
        Ok(())
    }

    /// True if it wants to be root of the user namespace, needs the rights that this gives, and gives them up itself.
    fn needs_privileges(&self) -> bool {
        false
    }

    /// User namespaces that its own processes make.
    fn nested(&self) -> u32 {
        0
    }

    /// Becomes the command.
    ///
    /// # Errors
    /// What went wrong; it returns in no other case.
    fn become_it(
        &self,
        channel: &Channel,
        plan: &Plan,
        command: &[OsString],
    ) -> Result<Infallible, Failure>;

    /// What the report says about it.
    fn notes(&self) -> &'static [&'static str] {
        &[]
    }
}
