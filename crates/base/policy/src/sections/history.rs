//! `[history]`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The comparison of a release with the one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct HistorySettings {
    /// Compares every audited release of a registry with an earlier one.
    pub compare: bool,
    /// The earlier release is the highest one below that was published so many days before; if there is none, the one
    /// just before. A second bad release an hour after the first is not compared with the first.
    #[schemars(range(max = 365))]
    pub settled_days: u32,
    /// So many new dependencies are looked up and tasted themselves.
    #[schemars(range(max = 50))]
    pub dependencies: u32,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self {
            compare: true,
            settled_days: 3,
            dependencies: 5,
        }
    }
}
