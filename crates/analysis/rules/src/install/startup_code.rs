//! # Code runs whenever the interpreter starts
//!
//! ## What it finds
//! Lines in `.pth` files that begin with `import`, and `sitecustomize`/`usercustomize` modules.
//!
//! ## Why it matters
//! Such code runs in every Python process, whether the package is imported or not. LiteLLM 1.82.8 (PyPI, March 2026)
//! carried its payload in `litellm_init.pth`.
//!
//! ## Example
//! `import os; exec(...)` in `x.pth`
//!
//! ## What to do
//! Read the line. With network, process or decoding in it: do not install.
//!
//! ## When it is wrong
//! setuptools, coverage and editable installs use short lines of this kind; they weigh little.
use foretaste_engine::prelude::*;

declare_rule! {
    StartupCode,
    id: "startup-code",
    title: "runs code whenever the interpreter starts",
    group: Install,
    severity: Medium,
    confidence: Medium,
    needs: [Code],
    tags: ["T1546", "AV-001"],
    since: "0.1.0",
}

impl FileRule for StartupCode {
    fn judge(&self, file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding> {
        if !file.layer.is_empty() || file.context(0) > ExecutionContext::Start {
            return Vec::new();
        }
        let surfaces = file
            .facts
            .surfaces
            .iter()
            .filter(|s| s.kind.runs_at_start());
        // a text that stands there in clear is executed because one line has no room for it: what it does counts
        let layers = file.facts.layers.iter().flat_map(|l| &l.facts.uses);
        let dangerous = file
            .facts
            .uses
            .iter()
            .find(|u| is_dangerous(u))
            .or_else(|| layers.into_iter().find(|u| is_dangerous(u)));
        surfaces
            .take(3)
            .map(|s| {
                let evidence = s.span.map_or_else(
                    || Evidence::file(&file.artifact.filename, file.path(), "runs at every start"),
                    |span| file.evidence(span, EvidenceRole::Trigger, "runs at every start"),
                );
                let finding = self
                    .finding("runs code whenever the Python interpreter starts")
                    .context(ExecutionContext::Start)
                    .evidence(evidence);
                if *s.name == *foretaste_model::facts::NAMESPACE_LINE {
                    return finding.severity(Severity::Info);
                }
                match dangerous {
                    Some(used) => finding
                        .severity(Severity::Critical)
                        .confidence(Confidence::High)
                        .evidence(file.use_evidence(used, EvidenceRole::Site, &*used.api)),
                    // what it loads is in the package, and does nothing by itself
                    None if loads_harmless_code(file, scene) => finding.confidence(Confidence::Low),
                    None => finding,
                }
            })
            .collect()
    }
}

/// True if a line loads modules of its own package, and nothing of what runs then reaches out, decodes or starts anything.
fn loads_harmless_code(file: &FileView<'_>, scene: &Scene<'_>) -> bool {
    let mut loads = false;
    for other in scene.files() {
        if !std::ptr::eq(other.artifact, file.artifact) {
            continue;
        }
        let at_start = |function: u32| other.context(function) <= ExecutionContext::Start;
        if other.path() != file.path() {
            loads |= at_start(0);
        }
        let mut uses = other.facts.uses.iter();
        if uses.any(|u| is_dangerous(u) && at_start(u.function)) {
            return false;
        }
    }
    loads
}

fn is_dangerous(used: &Use) -> bool {
    let capability = used.capability;
    capability.is_network_sink()
        || capability.is_network_source()
        || capability.is_decoder()
        || matches!(
            capability,
            Capability::ProcessShell | Capability::ProcessSpawn
        )
        || (capability == Capability::CodeEval && used.constants.is_empty())
}
