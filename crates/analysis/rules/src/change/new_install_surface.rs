//! # It runs code by itself, and did not before
//!
//! ## What it finds
//! An install script, build script, `cmdclass`, implicit `binding.gyp`, `.pth` line or `sitecustomize` that the release
//! before it did not have, or that starts something else now. It weighs what the code behind it gained: a hook that
//! reaches the network weighs much, one that only compiles next to nothing.
//!
//! ## Why it matters
//! Most hijacked releases need one line of this kind: nx (npm, 2025: `postinstall`), Shai-Hulud 2 (npm, 2025:
//! `preinstall`), LiteLLM (PyPI, 2026: `.pth`), Phantom Gyp (npm, 2026: `binding.gyp`), arrayref (crates.io, 2026:
//! `build.rs`).
//!
//! ## Example
//! 4.1.1 has no scripts; 4.1.2 has `"postinstall": "node bundle.js"`.
//!
//! ## What to do
//! `npm ci --ignore-scripts`, `pip install --only-binary :all:`; read what it starts.
//!
//! ## When it is wrong
//! Packages begin to compile or to fetch prebuilt parts.
use foretaste_engine::prelude::*;

use std::collections::BTreeSet;

use super::support::{Part, list, part};

declare_rule! {
    NewInstallSurface,
    id: "new-install-surface",
    title: "runs code by itself, and did not before",
    group: Change,
    severity: Low,
    confidence: Medium,
    needs: [Change],
    tags: ["T1195.002", "AV-001"],
    since: "0.1.0",
}

impl ReleaseRule for NewInstallSurface {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        let findings = change.surfaces.iter().map(|surface| {
            let parts: BTreeSet<Part> = surface.can.iter().filter_map(|c| part(*c)).collect();
            // the common backends and an empty setup.py say nothing
            let plain = matches!(
                surface.kind,
                SurfaceKind::BuildBackend | SurfaceKind::SetupPy
            );
            let hides = change
                .concealed
                .iter()
                .any(|c| c.context <= ExecutionContext::Start && (c.file_is_new || !c.is_usual));
            let (severity, confidence) = if parts.len() > 1 || (hides && !plain) {
                (Severity::High, Confidence::Medium)
            } else if !parts.is_empty() || surface.kind.runs_at_start() {
                (Severity::Medium, Confidence::Medium)
            } else if plain {
                (Severity::Info, Confidence::Medium)
            } else {
                (Severity::Low, Confidence::Medium)
            };
            let what = if surface.command.is_empty() {
                surface.name.clone()
            } else {
                format!("{}: {}", surface.name, surface.command).into()
            };
            let how = match &surface.before {
                Some(_) => "runs something else by itself than before",
                None => "runs code by itself, which the release before it did not",
            };
            let can: Vec<String> = surface.can.iter().map(|c| c.id().to_owned()).collect();
            let message = if can.is_empty() {
                format!("{how} ({what})")
            } else {
                format!("{how} ({what}), with {}", list(&can))
            };
            let context = if surface.kind.runs_at_start() {
                ExecutionContext::Start
            } else {
                ExecutionContext::Install
            };
            self.finding(message)
                .severity(severity)
                .confidence(confidence)
                .context(context)
                .evidence(surface.evidence.clone())
        });
        findings.take(5).collect()
    }
}
