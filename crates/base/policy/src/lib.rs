//! The policy: what an organisation accepts, read from `foretaste.toml`.
//!
//! One set of documented types is the file's shape, its JSON schema, its reference page and its validation:
//! [`schema`] and [`reference`] come from the same declarations that [`Policy::parse`] checks a file against, so a key
//! cannot be accepted without being documented. Reading touches no disk: callers bring the text and a path for messages.

mod check;
mod document;
mod error;
mod file;
mod find;
mod formats;
mod notes;
mod place;
mod quantity;
mod read;
mod reference;
mod sections;
mod settings;
mod suggest;
mod validate;
mod waiver;

pub use document::{Document, read_document, schema_of};
pub use error::{PolicyError, PolicyErrors};
pub use find::{FILE_NAME, Found, Search};
pub use place::{Place, Places};
pub use quantity::{ByteSize, HumanDuration};
pub use reference::{KeyDoc, reference, schema};
pub use sections::{
    AdvisorySettings, ArtifactChoice, AuditSettings, CacheSettings, CargoIndex, HistorySettings,
    IndexSettings, IndexUrl, KnownSettings, LimitSettings, LockSettings, NetworkSettings, NpmIndex,
    PlainIndex, PopularLists, PypiIndex, SourceSettings, Switch, WebApi, WebService,
};
pub use settings::{Policy, RuleSettings, Thresholds};
pub use suggest::closest;
pub use waiver::Waiver;
