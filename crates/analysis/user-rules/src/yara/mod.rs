//! Rules over bytes: YARA.

mod engine;
mod evidence;
mod rule;
mod scan;

use std::collections::BTreeMap;

use foretaste_engine::AnyRule;
use foretaste_model::RuleMeta;

pub use engine::{Engine, Hit, RawRule};
pub use scan::Scanned;

use engine::Boreal;
use rule::YaraRule;

/// The user's YARA rules, compiled.
#[derive(Debug)]
pub struct ByteRules {
    engine: Box<dyn Engine>,
    /// By namespace and name, as the engine reports matches.
    rules: BTreeMap<(String, String), &'static YaraRule>,
}

impl ByteRules {
    /// Compiles rule files: the path that messages name, and the text. `taken` are ids of other rules.
    ///
    /// # Errors
    /// What the compiler says, with file, line and column; or that a rule's metadata is not understood.
    pub fn compile(sources: &[(String, String)], taken: &[&str]) -> Result<Self, String> {
        let engine = Boreal::compile(sources)?;
        let mut rules = BTreeMap::new();
        let mut ids: Vec<String> = taken.iter().map(|t| (*t).to_owned()).collect();
        for raw in engine.rules() {
            let rule = YaraRule::leak(&raw)?;
            let id = rule.meta.id.0;
            if ids.iter().any(|taken| taken == id) {
                return Err(format!(
                    "{}: there is a rule `{id}` already\n  hint: rename the rule `{}`",
                    raw.namespace, raw.name
                ));
            }
            ids.push(id.to_owned());
            rules.insert((raw.namespace, raw.name), rule);
        }
        Ok(Self {
            engine: Box::new(engine),
            rules,
        })
    }

    /// The rules, for the judge.
    pub fn rules(&self) -> Vec<AnyRule> {
        self.rules.values().map(|r| AnyRule::Release(*r)).collect()
    }

    /// The declaration of a rule.
    pub fn meta(&self, id: &str) -> Option<&'static RuleMeta> {
        self.rules.values().map(|r| r.meta).find(|m| m.id.0 == id)
    }

    /// The page of a rule, in Markdown.
    pub fn page(&self, id: &str) -> Option<&'static str> {
        self.rules
            .values()
            .find(|r| r.meta.id.0 == id)
            .map(|r| r.page.as_str())
    }

    /// The id of the rule that the engine calls so.
    pub(crate) fn id(&self, hit: &Hit) -> Option<&'static str> {
        self.rules
            .get(&(hit.namespace.clone(), hit.rule.clone()))
            .map(|r| r.meta.id.0)
    }
}
