//! `[known]`

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The index of known-bad packages that `foretaste known` keeps, and further ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct KnownSettings {
    /// Whether packages are compared with known-bad ones.
    pub enabled: bool,
    /// Further index files, such as one that an organisation shares; paths are relative to this file.
    #[schemars(extend("items" = {"type": "string", "format": "path"}))]
    pub files: Vec<PathBuf>,
}

impl Default for KnownSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            files: Vec::new(),
        }
    }
}
