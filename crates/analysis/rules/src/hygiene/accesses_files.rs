//! # The package reads or writes files
//!
//! ## What it finds
//! Code that reads, writes, lists or deletes files, outside tests and bundled assets. The finding lists one place for each interface.
//!
//! ## Why it matters
//! It is a permission in Packj's sense: information about what the package can do to your machine, never an accusation.
//! What matters is whether the package needs it, and whether the release before needed it, too.
//!
//! ## Example
//! ```python
//! import shutil
//!
//! def clean(d):
//!     shutil.rmtree(d)
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
    AccessesFiles,
    id: "accesses-files",
    title: "reads or writes files",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for AccessesFiles {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let wanted = |c: Capability| {
            matches!(
                c,
                Capability::FileRead
                    | Capability::FileWrite
                    | Capability::FileDelete
                    | Capability::FileList
                    | Capability::FilePermissions
                    | Capability::ArchiveExtract
            )
        };
        permission(self.finding("reads or writes files"), scene, wanted)
    }
}
