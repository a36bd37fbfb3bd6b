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
//! Some packages fetch prebuilt libraries while they build. They can ship wheels instead.
use foretaste_engine::prelude::*;

use foretaste_model::facts::UseKind;

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
        finding = finding.evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api));
        vec![finding]
    }
}
