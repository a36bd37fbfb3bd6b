//! The main job: fetch → unpack → observe → judge → report, for releases, archives and folders.

mod advice;
mod advisories;
mod assemble;
mod auditor;
mod diff;
mod enrich;
mod folder;
mod held;
mod history;
mod installed;
mod judgements;
mod known;
mod layout;
mod local;
mod modules;
mod newcomers;
mod options;
mod patterns;
mod progress;
mod project;
mod ran;
mod registries;
mod relatives;
mod release;
mod stats;
mod taste;
mod threads;

pub use auditor::{AuditError, Auditor, Outcome};
pub use diff::Comparison;
pub use held::HeldFile;
pub use options::{Options, Reading, Requested};
pub use patterns::OwnRules;
pub use progress::{Progress, Quiet};
pub use registries::RegistryChoice;
pub use stats::Stats;
