//! Rule cases as Markdown: prose, a fenced file per case, and what is expected.
//!
//! One `##` section is one case. Its fenced blocks are
//! - files of the artifact: ```` ```python path=setup.py expect=rule-id ```` (`encoding=hex|base64` for binary content);
//! - or the world around it: ```` ```toml scene expect=rule-id ```` (registry record, history, repository, policy, ...).
//!
//! A file block marked `before` belongs to the release before the one that is judged.
//!
//! `at-most=note` on a block bounds the verdict on the whole case: how much a rule may say, where it has something to say.
//!
//! `expect=none` says that the rule under test stays silent. When a file block expects the rule, one piece of the
//! finding's evidence must stand in that file, unless the finding is about the release as a whole.

mod known;
mod parse;
mod run;
mod scene;

pub use parse::{Case, CaseFile, parse};
pub use run::{Setting, findings, run};
