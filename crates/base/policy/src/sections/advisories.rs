//! `[advisories]`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The advisories that `foretaste advisories import` keeps on this machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct AdvisorySettings {
    /// Whether audits ask them.
    pub enabled: bool,
    /// While they are younger than so many hours, the service at `sources.osv` is not asked as well.
    #[schemars(range(max = 8760))]
    pub fresh_hours: u32,
}

impl Default for AdvisorySettings {
    fn default() -> Self {
        Self {
            enabled: true,
            fresh_hours: 24,
        }
    }
}
