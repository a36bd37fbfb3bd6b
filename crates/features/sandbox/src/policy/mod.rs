//! What a run may do: a file that lives in the repository and is reviewed there, or a preset.

pub mod phases;

pub use foretaste_permits::run::{
    Policy, PolicyError, environment, file, hosts, limits, preset, registries,
};
