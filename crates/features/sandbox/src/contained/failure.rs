//! What could not be contained, and where.

use std::path::Path;

use nix::errno::Errno;
use serde::{Deserialize, Serialize};

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stage {
    /// Reading the plan.
    Plan,
    /// Making a user namespace.
    UserNamespace,
    /// Mapping the user into it.
    UserMap,
    /// Making the other namespaces.
    Namespaces,
    /// Making the network.
    Network,
    /// Building the root.
    Root,
    /// Laying a folder for changes over a tree.
    Overlay,
    /// Mounting `/proc`.
    Processes,
    /// Giving up privileges.
    Privileges,
    /// Limiting memory, processes and files.
    Limits,
    /// Landlock.
    Landlock,
    /// The seccomp filter.
    Filter,
    /// Starting another kernel for the command.
    Isolation,
    /// Starting the command.
    Command,
}

/// A step that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was being done.
    pub stage: Stage,
    /// With what.
    pub what: String,
    /// The kernel's error number.
    pub errno: i32,
}

impl Failure {
    /// From an error number.
    pub(crate) fn new(stage: Stage, errno: Errno, what: impl AsRef<Path>) -> Self {
        Self {
            stage,
            what: what.as_ref().display().to_string(),
            errno: errno as i32,
        }
    }

    /// The kernel's words.
    pub fn reason(&self) -> String {
        Errno::from_raw(self.errno).desc().to_owned()
    }
}

/// Says where something failed.
pub(crate) trait At<T> {
    /// Adds the stage and what it was about.
    fn at(self, stage: Stage, what: impl AsRef<Path>) -> Result<T, Failure>;
}

impl<T> At<T> for nix::Result<T> {
    fn at(self, stage: Stage, what: impl AsRef<Path>) -> Result<T, Failure> {
        self.map_err(|errno| Failure::new(stage, errno, what))
    }
}

impl<T> At<T> for std::io::Result<T> {
    fn at(self, stage: Stage, what: impl AsRef<Path>) -> Result<T, Failure> {
        self.map_err(|error| {
            Failure::new(
                stage,
                Errno::from_raw(error.raw_os_error().unwrap_or(0)),
                what,
            )
        })
    }
}

impl<T> At<T> for rustix::io::Result<T> {
    fn at(self, stage: Stage, what: impl AsRef<Path>) -> Result<T, Failure> {
        self.map_err(|error| Failure::new(stage, Errno::from_raw(error.raw_os_error()), what))
    }
}
