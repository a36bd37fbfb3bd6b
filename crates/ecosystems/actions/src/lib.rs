//! GitHub Actions: what `action.yml` says, and what runs in the workflows that use the action.

mod metadata;
mod workflow;

pub use metadata::observe;
pub use workflow::READERS;
