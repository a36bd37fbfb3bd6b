//! # What is served is not what was published
//!
//! ## What it finds
//! The bytes that were downloaded do not have the digest that the index publishes for them.
//!
//! ## Why it matters
//! Either the transfer broke, or somebody between publisher and you swapped the file: a compromised mirror, cache or
//! proxy. Clients with hash checking refuse such a file; clients without it install it.
//!
//! ## Example
//! The index says `sha256:9a5e…`, the file has `sha256:1f00…`.
//!
//! ## What to do
//! Do not install. Download again from another network; if it persists, ask the index's operator.
//!
//! ## When it is wrong
//! A proxy that repacks archives breaks digests. That proxy is broken.
use foretaste_engine::prelude::*;

declare_rule! {
    DigestMismatch,
    id: "digest-mismatch",
    title: "does not have the published digest",
    group: Known,
    severity: Critical,
    confidence: Certain,
    needs: [],
    tags: ["T1195.002"],
    since: "0.1.0",
}

impl ReleaseRule for DigestMismatch {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let finding = |filename: &str| {
            self.finding(format!(
                "{filename} is not the file that was published: its digest differs from the index's"
            ))
            .evidence(Evidence::file(
                filename,
                "",
                "digest differs from the index's",
            ))
        };
        scene
            .digest_mismatches
            .iter()
            .map(|filename| finding(filename))
            .collect()
    }
}
