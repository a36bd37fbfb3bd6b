//! What stands between a command and the kernel of its machine.

use serde::{Deserialize, Serialize};

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
