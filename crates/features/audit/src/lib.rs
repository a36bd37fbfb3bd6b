//! The main job: fetch → unpack → observe → judge → report, for releases, archives and folders.

mod advice;
mod assemble;
mod auditor;
mod enrich;
mod folder;
mod known;
mod layout;
mod local;
mod options;
mod progress;
mod registries;
mod release;
mod stats;
mod taste;

pub use auditor::{AuditError, Auditor, Outcome};
pub use options::{Options, Requested};
pub use progress::{Progress, Quiet};
pub use registries::RegistryChoice;
pub use stats::Stats;
