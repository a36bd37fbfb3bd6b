//! What a run may do: a file that lives in the repository and is reviewed there, or a preset.

pub mod environment;
pub mod file;
pub mod hosts;
pub mod isolation;
pub mod limits;
pub mod preset;
pub mod registries;
pub mod watch;
mod widened;

pub use file::Policy;
pub use widened::widened;

pub use crate::read::PolicyError;
