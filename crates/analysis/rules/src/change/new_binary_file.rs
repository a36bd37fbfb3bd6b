//! # A native program is new
//!
//! ## What it finds
//! An executable or library (ELF, PE, Mach-O) of a sort that the release before it did not bring along.
//!
//! ## Why it matters
//! Nobody reads a binary in review. A source package that suddenly needs one has changed its nature.
//!
//! ## Example
//! 1.4.2 is Python; 1.4.3 is Python and `helper.exe`.
//!
//! ## What to do
//! Ask which public build made it.
//!
//! ## When it is wrong
//! Packages begin to ship compiled parts. Libraries of platform wheels are not reported.
use foretaste_engine::prelude::*;

use super::support::{Part, part};

declare_rule! {
    NewBinaryFile,
    id: "new-binary-file",
    title: "brings a native program along for the first time",
    group: Change,
    severity: Low,
    confidence: Medium,
    needs: [Change],
    tags: ["T1027.002"],
    since: "0.1.0",
}

impl ReleaseRule for NewBinaryFile {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        let Some(first) = change.binaries.first() else {
            return Vec::new();
        };
        let started = change.capabilities.iter().any(|g| {
            g.context <= ExecutionContext::Import && part(g.capability) == Some(Part::Execution)
        });
        let mut finding = self.finding(format!(
            "brings {} native {} along, {} brought none of the sort",
            change.binaries.len(),
            if change.binaries.len() == 1 {
                "file"
            } else {
                "files"
            },
            change.from
        ));
        if started && first.note.contains("program") {
            finding = finding.severity(Severity::Medium);
        }
        finding.evidence = change.binaries.iter().take(3).cloned().collect();
        vec![finding]
    }
}
