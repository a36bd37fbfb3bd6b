//! Reading rule files.

use std::collections::BTreeSet;

use foretaste_engine::AnyRule;
use foretaste_model::RuleMeta;
use foretaste_policy::{PolicyErrors, read_document};

use super::cases::{self, CaseResult};
use super::file::RuleFile;
use super::rule::UserRule;

/// The user's rules over facts.
#[derive(Clone, Debug, Default)]
pub struct UserRules(Vec<&'static UserRule>);

impl UserRules {
    /// Adds the rules of a file. `path` is how messages call it; `built_in` are ids that are taken.
    ///
    /// # Errors
    /// Every mistake in the file with its place.
    pub fn add(
        &mut self,
        path: &str,
        text: &str,
        built_in: &[&str],
    ) -> Result<usize, PolicyErrors> {
        let document = read_document::<RuleFile>(path, text)?;
        let own = self.0.iter().map(|r| r.meta.id.0);
        let taken: BTreeSet<&str> = built_in.iter().copied().chain(own).collect();
        let mistakes = super::check::mistakes(&document, &taken);
        if !mistakes.is_empty() {
            return Err(PolicyErrors::of(mistakes));
        }
        let count = document.value.rules.len();
        self.0
            .extend(document.value.rules.into_iter().map(UserRule::leak));
        Ok(count)
    }

    /// The rules, for the judge.
    pub fn rules(&self) -> Vec<AnyRule> {
        self.0.iter().map(|r| AnyRule::Release(*r)).collect()
    }

    /// The declaration of a rule.
    pub fn meta(&self, id: &str) -> Option<&'static RuleMeta> {
        self.0.iter().map(|r| r.meta).find(|m| m.id.0 == id)
    }

    /// The page of a rule, in Markdown.
    pub fn page(&self, id: &str) -> Option<&'static str> {
        self.0
            .iter()
            .find(|r| r.meta.id.0 == id)
            .map(|r| r.page.as_str())
    }

    /// Runs the cases of every rule.
    pub fn test(&self) -> Vec<CaseResult> {
        self.0.iter().flat_map(|rule| cases::run(rule)).collect()
    }
}
