//! The shape of a rule file. Its doc comments are the reference page.

use std::collections::BTreeMap;

use foretaste_model::{Confidence, Severity};
use schemars::JsonSchema;
use serde::Deserialize;

use super::condition::Condition;

/// Rules of your own over facts.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "Foretaste rules")]
pub(crate) struct RuleFile {
    /// The rules: `[[rules]]`.
    pub(crate) rules: Vec<RuleSpec>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RuleSpec {
    /// The id, in kebab case; not that of a built-in rule.
    pub(crate) id: String,
    /// What was found, as the end of a sentence: `talks to our own update server`.
    pub(crate) title: String,
    /// How bad it is.
    pub(crate) severity: Severity,
    /// How often it is true when it fires.
    #[serde(default = "medium")]
    pub(crate) confidence: Confidence,
    /// The finding's message, instead of the title.
    #[serde(default)]
    pub(crate) message: Option<String>,
    /// What to do about it.
    #[serde(default)]
    pub(crate) remedy: Option<String>,
    /// The page that `foretaste explain` shows, in Markdown.
    #[serde(default)]
    pub(crate) page: Option<String>,
    /// Framework ids or words of your own.
    #[serde(default)]
    pub(crate) tags: Vec<String>,
    /// Where the conditions must hold: in one file or layer (the default), or anywhere in the package.
    #[serde(default)]
    pub(crate) scope: Scope,
    /// Only files whose path fits one of these: `*` for any text, `?` for one character.
    #[serde(default)]
    pub(crate) files: Vec<String>,
    /// What must hold.
    pub(crate) when: Condition,
    /// Examples, for `foretaste rules test`: `[[rules.cases]]`.
    #[serde(default)]
    pub(crate) cases: Vec<CaseSpec>,
}

const fn medium() -> Confidence {
    Confidence::Medium
}

/// Where the conditions of a rule must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Scope {
    /// All in one file, or in one layer decoded from it.
    #[default]
    File,
    /// Anywhere in the package.
    Package,
}

/// An example.
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct CaseSpec {
    /// What it shows.
    pub(crate) title: String,
    /// What the rule does.
    pub(crate) expect: Expect,
    /// The release, as a package URL.
    #[serde(default)]
    pub(crate) release: Option<String>,
    /// Days since the release was published.
    #[serde(default)]
    pub(crate) age_days: Option<u32>,
    /// Its files: path and content.
    #[serde(default)]
    pub(crate) files: BTreeMap<String, String>,
}

/// What a rule does in an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expect {
    /// It fires.
    Fire,
    /// It does not.
    Silent,
}
