//! `[lock]`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What `foretaste lock` lets in, and what `foretaste verify` accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct LockSettings {
    /// Releases that were published fewer days ago are not locked: most bad ones are found within days. 0 for no wait.
    #[schemars(range(max = 365))]
    pub min_age_days: u32,
    /// A release that an advisory names as the fix of the one that would be locked need not wait.
    pub exempt_fixes: bool,
    /// Places, as the beginning of their URLs, from which packages may come besides the indexes and registries that the
    /// clients are configured to use.
    #[schemars(extend("items" = {"type": "string", "format": "non-empty"}))]
    pub sources: Vec<String>,
}

impl Default for LockSettings {
    fn default() -> Self {
        Self {
            min_age_days: 0,
            exempt_fixes: true,
            sources: Vec::new(),
        }
    }
}
