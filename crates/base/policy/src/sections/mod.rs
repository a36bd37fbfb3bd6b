//! The sections of `foretaste.toml`, one file each. Their doc comments are the reference page.

mod advisories;
mod audit;
mod cache;
mod history;
mod indexes;
mod known;
mod limits;
mod lock;
mod names;
mod network;
mod rules;
mod sources;
mod waivers;

pub use advisories::AdvisorySettings;
pub use audit::{ArtifactChoice, AuditSettings};
pub use cache::CacheSettings;
pub use history::HistorySettings;
pub use indexes::{CargoIndex, IndexSettings, IndexUrl, NpmIndex, PlainIndex, PypiIndex};
pub use known::KnownSettings;
pub use limits::LimitSettings;
pub use lock::LockSettings;
pub(crate) use names::NameSettings;
pub use names::PopularLists;
pub use network::NetworkSettings;
pub(crate) use rules::RulesSection;
pub use sources::{SourceSettings, Switch, WebApi, WebService};
pub(crate) use waivers::{Day, WaiverEntry};
