//! # The package runs its own code when it is installed
//!
//! ## What it finds
//! npm `preinstall`/`install`/`postinstall` scripts, custom commands in `setup.py`, cargo build scripts and procedural
//! macros.
//!
//! ## Why it matters
//! Nine of ten install-time attacks need one of these. It is information on its own: many honest packages have one.
//!
//! ## Example
//! `"postinstall": "node setup.js"`
//!
//! ## What to do
//! `npm ci --ignore-scripts`, `pip install --only-binary :all:`.
//!
//! ## When it is wrong
//! Native modules and code generators need it.
use foretaste_engine::prelude::*;

declare_rule! {
    InstallHook,
    id: "install-hook",
    title: "runs its own code when it is installed",
    group: Install,
    severity: Low,
    confidence: Low,
    needs: [Code],
    tags: ["T1195.002", "AV-001"],
    since: "0.1.0",
}

impl FileRule for InstallHook {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        if file.path().contains('/') || !file.layer.is_empty() {
            return Vec::new();
        }
        let hooks = file.facts.surfaces.iter().filter(|s| match s.kind {
            SurfaceKind::NpmLifecycle => {
                matches!(&*s.name, "preinstall" | "install" | "postinstall")
            }
            SurfaceKind::CmdClass | SurfaceKind::BuildRs | SurfaceKind::ProcMacro => true,
            _ => false,
        });
        hooks
            .map(|s| {
                let what = if s.command.is_empty() {
                    s.name.clone()
                } else {
                    format!("{}: {}", s.name, s.command).into()
                };
                let mut finding = self
                    .finding(format!("runs its own code on install ({what})"))
                    .context(ExecutionContext::Install);
                if s.kind == SurfaceKind::NpmLifecycle && &*s.name == "preinstall" {
                    finding = finding.severity(Severity::Medium);
                }
                let evidence = s.span.map_or_else(
                    || Evidence::file(&file.artifact.filename, file.path(), what.clone()),
                    |span| file.evidence(span, EvidenceRole::Trigger, what.clone()),
                );
                finding.evidence(evidence)
            })
            .collect()
    }
}
