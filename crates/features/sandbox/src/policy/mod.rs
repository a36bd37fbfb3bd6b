//! What a run may do: a file that lives in the repository and is reviewed there, or a preset.

pub mod environment;
pub mod file;
pub mod hosts;
pub mod limits;
pub mod phases;
pub mod preset;
pub mod registries;

pub use file::{Policy, PolicyError};
