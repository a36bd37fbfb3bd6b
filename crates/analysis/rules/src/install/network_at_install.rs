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
//! own, whose installation also calls the tools that build it, weighs less: look at what it fetches.
use foretaste_engine::prelude::*;

use foretaste_model::facts::{ArtifactFacts, UseKind};

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
        finding = finding.evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api));
        vec![finding]
    }
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

/// Lines of C, C++, Cython, Fortran and assembly.
fn native_lines(artifact: &ArtifactFacts) -> u32 {
    const ENDINGS: &[&str] = &[
        "c", "cc", "cpp", "cxx", "h", "hpp", "hh", "pyx", "pxd", "pxi", "f", "f90", "s", "m",
    ];
    let native = artifact.files.iter().filter(|f| {
        f.path
            .rsplit_once('.')
            .is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
    });
    native.fold(0, |lines, file| {
        lines.saturating_add(file.facts.shape.lines)
    })
}
