//! # The package decodes, decompresses or decrypts data
//!
//! ## What it finds
//! Code that decodes, decompresses, decrypts or unpickles data, outside tests and bundled assets. The finding lists one place for each interface.
//!
//! ## Why it matters
//! It is a permission in Packj's sense: information about what the package can do to your machine, never an accusation.
//! What matters is whether the package needs it, and whether the release before needed it, too.
//!
//! ## Example
//! ```python
//! import base64
//!
//! def d(t):
//!     return base64.b64decode(t)
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
    DecodesData,
    id: "decodes-data",
    title: "decodes, decompresses or decrypts data",
    group: Hygiene,
    severity: Info,
    confidence: Medium,
    needs: [Code],
    tags: [],
    since: "0.1.0",
}

impl ReleaseRule for DecodesData {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let wanted = |c: Capability| {
            matches!(
                c,
                Capability::DecodeText
                    | Capability::DecodeCompressed
                    | Capability::DecodeCipher
                    | Capability::DecodeObject
            )
        };
        permission(
            self.finding("decodes, decompresses or decrypts data"),
            scene,
            wanted,
        )
    }
}
