//! Watches a whole CI job or host: what ran, what was installed, who was reached.
//!
//! [`Session`] opens every [`source::Source`] that the kernel allows and puts together what they tell: programs with their
//! parents and steps, connections with the names that were looked up, files that were written. [`Report`] judges it by the
//! rules over behaviour, a [`policy::Policy`] and the project's locks, and says what could not be seen.
#![cfg(target_os = "linux")]

mod alert;
mod collector;
pub mod egress;
pub mod export;
mod guard;
mod installs;
mod names;
pub mod observation;
pub mod report;
mod resolvers;
mod scope;
mod session;
pub mod source;

pub use collector::Counts;
pub use foretaste_permits::monitor as policy;
pub use installs::{Install, Locked, Status};
pub use report::Report;
pub use session::{Figures, MonitorError, Session, Settings};
