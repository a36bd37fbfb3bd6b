//! What is mounted, in order.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One step in building the root. Paths named `to` lie below the new root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Step {
    /// A folder or file of the host, not to be changed.
    ReadOnly {
        /// On the host.
        from: PathBuf,
        /// In the root.
        to: PathBuf,
    },
    /// A device of the host.
    Device {
        /// On the host and in the root.
        path: PathBuf,
    },
    /// A folder of the host whose changes go elsewhere.
    Overlay {
        /// On the host.
        lower: PathBuf,
        /// Where changes go.
        upper: PathBuf,
        /// The kernel's scratch folder, beside `upper`.
        work: PathBuf,
        /// In the root.
        to: PathBuf,
    },
    /// An empty folder in memory.
    Memory {
        /// In the root.
        to: PathBuf,
        /// The most bytes that it holds.
        size: u64,
        /// Permissions.
        mode: u32,
    },
    /// A folder.
    Folder {
        /// In the root.
        to: PathBuf,
        /// Permissions.
        mode: u32,
    },
    /// A file with this content.
    File {
        /// In the root.
        to: PathBuf,
        /// Its bytes.
        #[serde(with = "serde_bytes")]
        content: Vec<u8>,
        /// Permissions.
        mode: u32,
        /// Laid over a file that is there, which cannot be changed itself.
        over: bool,
    },
    /// A symbolic link.
    Link {
        /// In the root.
        to: PathBuf,
        /// What it says.
        target: PathBuf,
    },
    /// The processes of the run, and no others.
    Processes {
        /// User namespaces that may be made inside.
        nested: u32,
    },
    /// Terminals of the run.
    Terminals,
}
