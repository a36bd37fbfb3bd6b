//! # Code reaches the network while the package is installed
//!
//! ## What it finds
//! HTTP, sockets, DNS or other network use in `setup.py`, a build backend, an install script or a build script.
//!
//! ## Why it matters
//! Three quarters of malicious PyPI packages act at install time. Building a package needs no network.
//!
//! ## Example
//! ```python
//! from urllib.request import urlopen  # in setup.py
//! urlopen("https://x.example.invalid")
//! ```
//!
//! ## What to do
//! Prefer wheels (`--only-binary :all:`); build without network.
//!
//! ## When it is wrong
//! Some packages fetch libraries while they build. They can ship wheels instead. A package with much native source of its
//! own, whose installation also calls the tools that build it, weighs less, and so does one with much code beside its installer:
//! look at what it fetches.
use foretaste_engine::prelude::*;

use foretaste_model::facts::UseKind;

use super::support::{lines_of_programs, native_lines};
use crate::code;

declare_rule! {
    NetworkAtInstall,
    id: "network-at-install",
    title: "reaches the network while it is installed",
    group: Install,
    severity: High,
    confidence: Medium,
    needs: [Code],
    tags: ["T1195.002", "AV-001"],
    since: "0.1.0",
}

impl FileRule for NetworkAtInstall {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let reaches = |u: &&Use| {
            (u.capability.is_network_sink()
                || u.capability.is_network_source()
                || u.capability == Capability::NetworkListen)
                && u.kind == UseKind::Call
                && !publishes(u)
                && file.context(u.function) <= ExecutionContext::Start
        };
        let Some(used) = file.facts.uses.iter().find(reaches) else {
            return Vec::new();
        };
        let context = file.context(used.function);
        let mut finding = self
            .finding(format!("reaches the network {}", context.phrase()))
            .context(context);
        if builds_native_code(file) {
            finding = finding
                .severity(Severity::Medium)
                .confidence(Confidence::High);
        }
        // what it does with what it fetches, and what it tells, is judged beside this; alone this is what installers of
        // programs do; what an attack adds to a copy of a library stands in `setup.py` itself
        if file.path() != "setup.py" && lines_beside(file) >= SUBSTANCE {
            finding = finding
                .severity(Severity::Medium)
                .confidence(Confidence::Low);
        }
        finding = finding.evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api));
        vec![finding]
    }
}

/// Lines of code beside the installer from which a package is something that is installed.
const SUBSTANCE: u32 = 300;

/// Lines of code of an artifact outside the file that reaches the network, and outside the other files that run at
/// install.
fn lines_beside(file: &FileView<'_>) -> u32 {
    lines_of_programs(file.artifact, |f| {
        *f.path != *file.path() && !f.facts.surfaces.iter().any(|s| s.kind.runs_at_install())
    })
}

/// True for the upload of a release, which `setup.py publish` of its maintainer does.
fn publishes(used: &Use) -> bool {
    code::command_line(used).contains("twine upload") || used.api.starts_with("twine upload")
}

/// Lines of native source from which a package is one that is compiled, and no payload with a file for show.
const MUCH_SOURCE: u32 = 2_000;

/// True if a file that reaches the network also starts the tools of a build, in a package that has something to build.
fn builds_native_code(file: &FileView<'_>) -> bool {
    let builds = file
        .facts
        .uses
        .iter()
        .any(|u| code::spawns(u) && code::is_build(&code::command_line(u)));
    builds && native_lines(file.artifact) >= MUCH_SOURCE
}
