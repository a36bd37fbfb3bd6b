//! `[audit]`

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is tasted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct AuditSettings {
    /// Which artifacts of a release are tasted.
    pub artifacts: ArtifactChoice,
    /// The Python version that decides which wheels are compatible, such as `"3.12"`; without it, that of the
    /// `python3` on the path.
    #[schemars(extend("format" = "python-version"))]
    pub python: Option<String>,
}

/// Which artifacts of a release are tasted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactChoice {
    /// Every artifact that this machine's client could choose.
    #[default]
    Compatible,
    /// Every artifact, of every platform.
    All,
}
