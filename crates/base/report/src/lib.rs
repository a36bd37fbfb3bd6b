//! Renders reports.
//!
//! Every renderer is a pure function of the report (and of what is known about the rules): no clock, no locale, no
//! terminal. The caller says how wide the terminal is and whether it takes colour and Unicode. Everything that a
//! package contains is hostile text, and passes through [`escape`] on its way out.

mod changes;
pub mod escape;
pub mod format;
pub mod github;
pub mod gitlab;
pub mod gitlab_dependencies;
pub mod human;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod page;
pub mod rules;
pub mod sarif;
mod select;

pub use format::{Format, FormatError};
pub use human::{Detail, Options};
pub use rules::{RuleInfo, RuleLookup};
