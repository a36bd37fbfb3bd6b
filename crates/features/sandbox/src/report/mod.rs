//! What a run did and changed, for people and for programs.

pub mod changes;
pub mod size;
