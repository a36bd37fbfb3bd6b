//! `[rules]`

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::RuleSettings;

/// The user's own rules, and settings of single rules: `[rules.<id>]`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub(crate) struct RulesSection {
    /// Files with rules of your own over facts; paths are relative to this file. See `foretaste rules test`.
    #[schemars(extend("items" = {"type": "string", "format": "path"}))]
    pub(crate) files: Vec<PathBuf>,
    /// Rules of your own over bytes.
    pub(crate) yara: YaraSection,
    /// Settings of a rule.
    #[serde(flatten)]
    pub(crate) settings: BTreeMap<String, RuleSettings>,
}

/// YARA rules over raw files and decoded layers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct YaraSection {
    /// Files with YARA rules, or folders of them (`*.yar`, `*.yara`); paths are relative to this file.
    #[schemars(extend("items" = {"type": "string", "format": "path"}))]
    pub(crate) files: Vec<PathBuf>,
}
