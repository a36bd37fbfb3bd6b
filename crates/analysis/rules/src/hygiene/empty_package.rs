//! # There is nothing in it
//!
//! ## What it finds
//! An artifact with a manifest but practically no code.
//!
//! ## Why it matters
//! Empty packages reserve names: to protect them, to sell them, or to fill them later, when somebody depends on them.
//!
//! ## Example
//! An sdist with `setup.py` and an empty `__init__.py`.
//!
//! ## What to do
//! Ask what it is for; check that you meant this name.
//!
//! ## When it is wrong
//! Meta-packages only carry dependencies; they are not reported if they have any.
use foretaste_engine::prelude::*;
use foretaste_model::facts::ArtifactKind;
use foretaste_model::words::counted;

declare_rule! {
    EmptyPackage,
    id: "empty-package",
    title: "holds practically no code",
    group: Hygiene,
    severity: Low,
    confidence: Medium,
    needs: [Code],
    tags: [],
    options: [{ "lines", 5.0, "lines", "packages with fewer lines of code outside their manifests are reported" }],
    since: "0.1.0",
}

impl ReleaseRule for EmptyPackage {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        if scene.manifests().next().is_none()
            || scene
                .manifests()
                .any(|(_, _, m)| !m.dependencies.is_empty())
        {
            return Vec::new();
        }
        // an action is its steps, and a NuGet package may hold nothing but references and build settings
        let other_content = scene.artifacts.iter().any(|artifact| {
            artifact.kind == ArtifactKind::Nupkg
                || artifact.files.iter().any(|f| {
                    f.facts
                        .surfaces
                        .iter()
                        .any(|s| s.kind == SurfaceKind::ActionStep)
                })
        });
        if other_content {
            return Vec::new();
        }
        let mut lines = 0;
        for file in scene.files().filter(|f| f.layer.is_empty()) {
            match file.facts.language {
                Language::Native | Language::Bytecode => return Vec::new(),
                Language::Python
                | Language::JavaScript
                | Language::TypeScript
                | Language::Rust
                | Language::Ruby
                | Language::Php
                | Language::Go
                | Language::Shell
                | Language::Unknown
                    if file.path() != "setup.py" && file.facts.shape.bytes > 0 =>
                {
                    lines += file.facts.shape.lines;
                }
                _ => {}
            }
        }
        if f64::from(lines) >= scene.option(self.meta(), "lines") {
            return Vec::new();
        }
        vec![self.finding(format!(
            "holds practically no code ({})",
            counted(lines, "line")
        ))]
    }
}
