//! What renderers need to know about rules.

use foretaste_model::{RuleGroup, RuleMeta};

/// A rule, as far as a report shows it.
#[derive(Clone, Copy, Debug)]
pub struct RuleInfo {
    /// Its declaration.
    pub meta: &'static RuleMeta,
    /// Its page in Markdown; empty if the caller has none at hand.
    pub page: &'static str,
}

impl From<&'static RuleMeta> for RuleInfo {
    fn from(meta: &'static RuleMeta) -> Self {
        Self { meta, page: "" }
    }
}

/// Finds a rule by its id. A report may name rules that this version does not know.
pub type RuleLookup<'a> = &'a dyn Fn(&str) -> Option<RuleInfo>;

/// The word before a finding: what it says something about.
pub(crate) const fn label(group: RuleGroup) -> &'static str {
    match group {
        RuleGroup::Known => "known",
        RuleGroup::Clone => "clone",
        RuleGroup::Chain => "chain",
        RuleGroup::Obfuscation => "hidden",
        RuleGroup::Install => "install",
        RuleGroup::Archive => "archive",
        RuleGroup::Name => "name",
        RuleGroup::Change => "change",
        RuleGroup::Publisher => "publisher",
        RuleGroup::Source => "source",
        RuleGroup::Hygiene => "upkeep",
        RuleGroup::Behaviour => "ran",
        RuleGroup::User => "yours",
    }
}
