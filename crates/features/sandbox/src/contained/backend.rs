//! Behind what the command runs, once root and network are its own: the kernel with a filter, or another kernel.
//!
//! A virtual machine would be a third one: it gets the same root, network, folders for changes and planted secrets.

use std::convert::Infallible;
use std::ffi::OsString;

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::failure::Failure;
use super::plan::Plan;
use super::{command, gvisor};

/// How a command is kept from this machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Isolation {
    /// Namespaces, Landlock, and a filter of its system calls.
    #[default]
    Namespaces,
    /// gVisor, a kernel in a program, below the same namespaces: for what is suspected already.
    Gvisor,
}

impl Isolation {
    pub(crate) fn backend(self) -> &'static dyn Backend {
        match self {
            Self::Namespaces => &command::Filtered,
            Self::Gvisor => &gvisor::Gvisor,
        }
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
