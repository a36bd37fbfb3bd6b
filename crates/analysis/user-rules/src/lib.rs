//! The user's own rules.
//!
//! [`facts`] reads rules over facts from TOML; they judge like built-in ones, and stand beside them in `foretaste
//! rules`, `explain`, SARIF and waivers. [`yara`] matches bytes: raw files, and the layers that were decoded from them.

pub mod facts;
mod glob;
pub mod yara;

pub use facts::{CaseResult, UserRules, rules_schema};
pub use glob::Glob;
pub use yara::ByteRules;
