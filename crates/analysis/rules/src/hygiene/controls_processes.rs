//! # The package forks, starts or ends processes
//!
//! ## What it finds
//! Code that starts programs, forks, sends signals or exits, outside tests and bundled assets. The finding lists one place for each interface.
//!
//! ## Why it matters
//! It is a permission in Packj's sense: information about what the package can do to your machine, never an accusation.
//! What matters is whether the package needs it, and whether the release before needed it, too.
//!
//! ## Example
//! ```python
//! import subprocess
//!
//! def run(a):
//!     subprocess.run(a)
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
    ControlsProcesses,
    id: "controls-processes",
    title: "forks, starts or ends processes",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for ControlsProcesses {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let wanted = |c: Capability| {
            matches!(
                c,
                Capability::ProcessSpawn
                    | Capability::ProcessShell
                    | Capability::ProcessControl
                    | Capability::ProcessFork
            )
        };
        permission(
            self.finding("forks, starts or ends processes"),
            scene,
            wanted,
        )
    }
}
