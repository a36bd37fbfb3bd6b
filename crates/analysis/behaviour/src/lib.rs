//! What a contained program did, as plain data, and the rules over it. No I/O.

pub mod event;
pub mod record;

pub use event::{Access, Action, CanaryPlace, Event, Process};
pub use record::Record;
