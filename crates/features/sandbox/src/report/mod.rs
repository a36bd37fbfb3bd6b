//! What a run did and changed, for people and for programs.

pub mod changes;
pub mod learned;
pub mod ndjson;
pub mod size;
pub mod statement;
pub mod summary;
