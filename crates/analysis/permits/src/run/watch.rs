//! How much of a run is recorded.

use serde::{Deserialize, Serialize};

/// How much is reported. What comes later includes what comes before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Watch {
    /// Only what is refused.
    Refused,
    /// Programs, addresses, and whatever can change a file.
    Writes,
    /// All that, and every file that is opened.
    #[default]
    All,
}
