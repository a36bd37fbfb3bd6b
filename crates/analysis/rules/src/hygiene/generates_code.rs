//! # The package generates code at run time
//!
//! ## What it finds
//! Code that evaluates or compiles text as code, outside tests and bundled assets. The finding lists one place for each interface.
//!
//! ## Why it matters
//! It is a permission in Packj's sense: information about what the package can do to your machine, never an accusation.
//! What matters is whether the package needs it, and whether the release before needed it, too.
//!
//! ## Example
//! ```python
//! def calc(t):
//!     return eval(t)
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
    GeneratesCode,
    id: "generates-code",
    title: "generates code at run time",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for GeneratesCode {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let wanted = |c: Capability| matches!(c, Capability::CodeEval | Capability::CodeCompile);
        permission(self.finding("generates code at run time"), scene, wanted)
    }
}
