//! What a contained or watched program did, as plain data, and the rules over it. No I/O.

pub mod attribution;
pub mod baseline;
pub mod canary;
pub mod event;
pub mod finding;
mod hidden;
pub mod places;
pub mod record;
pub mod rules;
pub mod sensitive;
pub mod text;
mod words;

pub use event::{Access, Action, CanaryPlace, Event, Process};
pub use finding::BehaviourFinding;
pub use record::Record;
pub use words::{DOWNLOADERS, is_package_manager, line, name};
