//! Declarative rules over facts, in TOML.

mod cases;
mod check;
mod condition;
mod evaluate;
mod file;
mod load;
mod rule;

pub use cases::CaseResult;
pub use load::UserRules;

/// The JSON schema of a rule file, for editors.
pub fn rules_schema() -> serde_json::Value {
    foretaste_policy::schema_of::<file::RuleFile>()
}
