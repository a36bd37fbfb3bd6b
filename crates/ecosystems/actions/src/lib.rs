//! GitHub Actions: what `action.yml` says, and what runs in the workflows that use the action.

mod metadata;

pub use metadata::observe;
