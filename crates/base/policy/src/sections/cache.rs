//! `[cache]`

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where facts and answers are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct CacheSettings {
    /// The cache folder, relative to this file; without it, the user's cache folder.
    #[schemars(extend("format" = "path"))]
    pub dir: Option<PathBuf>,
}
