//! # The package changes system settings or environment variables
//!
//! ## What it finds
//! Code that changes environment variables, the Windows registry or services, outside tests and bundled assets. The finding lists one place for each interface.
//!
//! ## Why it matters
//! It is a permission in Packj's sense: information about what the package can do to your machine, never an accusation.
//! What matters is whether the package needs it, and whether the release before needed it, too.
//!
//! ## Example
//! ```python
//! import os
//!
//! def set():
//!     os.environ["X"] = "1"
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
    ChangesEnvironment,
    id: "changes-environment",
    title: "changes system settings or environment variables",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for ChangesEnvironment {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let wanted = |c: Capability| {
            matches!(
                c,
                Capability::EnvironmentWrite
                    | Capability::SystemSettings
                    | Capability::SystemPersist
            )
        };
        permission(
            self.finding("changes system settings or environment variables"),
            scene,
            wanted,
        )
    }
}
