//! Budgets.

use serde::{Deserialize, Serialize};

/// What a run may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Limits {
    /// Bytes of data of each process.
    pub memory: u64,
    /// Bytes of each file that is written, and of the temporary folder.
    pub disk: u64,
    /// Processes at one time.
    pub processes: u64,
    /// Seconds of processor time of each process.
    pub cpu: u64,
    /// Seconds from start to end.
    pub time: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 8 << 30,
            disk: 8 << 30,
            processes: 4096,
            cpu: 3600,
            time: 3600,
        }
    }
}
