//! # The package reads environment variables
//!
//! ## What it finds
//! Code that reads environment variables, outside tests and bundled assets. The finding lists one place for each interface.
//!
//! ## Why it matters
//! It is a permission in Packj's sense: information about what the package can do to your machine, never an accusation.
//! What matters is whether the package needs it, and whether the release before needed it, too.
//!
//! ## Example
//! ```python
//! import os
//!
//! def home():
//!     return os.environ["HOME"]
//! ```
//!
//! ## What to do
//! Ask whether a package of this purpose needs it.
//!
//! ## When it is wrong
//! It is a statement of fact; it decides nothing by itself.
use foretaste_engine::prelude::*;

use super::support::permission;

declare_rule! {
    AccessesEnvironment,
    id: "accesses-environment",
    title: "reads environment variables",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for AccessesEnvironment {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let wanted = |c: Capability| {
            matches!(
                c,
                Capability::EnvironmentRead | Capability::EnvironmentReadAll
            )
        };
        permission(self.finding("reads environment variables"), scene, wanted)
    }
}
