//! What a contained program did, as plain data, and the rules over it. No I/O.

pub mod canary;
pub mod event;
pub mod finding;
pub mod record;
pub mod rules;
mod words;

pub use event::{Access, Action, CanaryPlace, Event, Process};
pub use finding::BehaviourFinding;
pub use record::Record;
