//! # A new dependency has the marks of an attack
//!
//! ## What it finds
//! A dependency that the release before it did not have, and that is itself suspicious when it is tasted, or bears several
//! of these marks: first published days before, a name that imitates a popular package, no code that imports it, code
//! that runs at install, a build script that is new too, a source outside of the registry, or nothing else of substance
//! changed in the release.
//!
//! ## Why it matters
//! The attacked package itself stays clean, and so do its install scripts: axios 1.14.1 (npm, March 2026) gained one line,
//! `plain-crypto-js`, 18 hours old and never imported; Mastra (June 2026) gained `easy-day-js`; `arrayref` (crates.io,
//! August 2026) gained `proc-macro1`.
//!
//! ## Example
//! `"plain-crypto-js": "^4.2.1"` in `dependencies`, and no `require` of it anywhere.
//!
//! ## What to do
//! Stay on the release before; audit the new dependency by itself.
//!
//! ## When it is wrong
//! Projects split themselves into new packages, and some dependencies are never imported (plug-ins, type packages). One
//! mark alone is not reported.
use foretaste_engine::prelude::*;

use foretaste_model::Verdict;
use foretaste_model::change::{Change, DependencyChange, DependencyChangeKind, FileChangeKind};
use foretaste_model::manifest::{DependencyKind, DependencySource};
use foretaste_model::metadata::ReleaseMetadata;

use super::support::list;

declare_rule! {
    SuspiciousNewDependency,
    id: "suspicious-new-dependency",
    title: "gained a suspicious dependency",
    group: Change,
    severity: High,
    confidence: Medium,
    needs: [Change],
    tags: ["T1195.001", "AV-501"],
    options: [{ "young-days", 30.0, "days", "dependencies that first appeared later before the release are young" }],
    since: "0.1.0",
}

/// The marks of one dependency: what to say, and how much each counts.
fn marks(
    dependency: &DependencyChange,
    change: &Change,
    age_days: Option<f64>,
    young: f64,
) -> Vec<(String, u8)> {
    let look = &dependency.look;
    let popular = look.rank.is_some();
    let mut marks = Vec::new();
    if let Some(days) = age_days.filter(|d| *d < young) {
        let age = if days < 2.0 {
            format!(
                "first published {:.0} hours before this release",
                (days * 24.0).max(0.0)
            )
        } else {
            format!("first published {days:.0} days before this release")
        };
        marks.push((age, if days < 7.0 { 3 } else { 2 }));
    }
    if let Some(target) = look.imitates.first().filter(|_| !popular) {
        marks.push((format!("named almost like {target}"), 2));
    }
    match &dependency.source {
        DependencySource::Url(_) => marks.push(("from a URL".to_owned(), 3)),
        DependencySource::Git(_) => marks.push(("from version control".to_owned(), 3)),
        _ => {}
    }
    if dependency.used == Some(false) && dependency.kind != DependencyKind::Build {
        marks.push(("imported nowhere".to_owned(), 1));
    }
    if look.runs_at_install && !popular {
        marks.push(("runs code when it is installed".to_owned(), 1));
    }
    // whoever takes over a crate needs little more than a build script that calls it
    let starts_it = dependency.kind == DependencyKind::Build && !change.surfaces.is_empty();
    if starts_it && !marks.is_empty() {
        marks.push(("for a build script that is new too".to_owned(), 2));
    }
    let code_changed = change.files.iter().any(|f| {
        f.kind != FileChangeKind::Moved
            && *f.path != *dependency.evidence.path
            && is_source(&f.path)
    });
    if !code_changed && !marks.is_empty() {
        marks.push(("no code of the package changed".to_owned(), 1));
    }
    marks
}

/// Files that hold code rather than words about it.
fn is_source(path: &str) -> bool {
    let extension = path.rsplit('.').next().unwrap_or("");
    matches!(
        extension,
        "py" | "js"
            | "cjs"
            | "mjs"
            | "ts"
            | "tsx"
            | "jsx"
            | "rs"
            | "rb"
            | "php"
            | "go"
            | "java"
            | "cs"
    )
}

impl ReleaseRule for SuspiciousNewDependency {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        let released = scene
            .record()
            .and_then(ReleaseMetadata::published)
            .unwrap_or_else(|| scene.clock.now());
        let young = scene.option(self.meta(), "young-days");
        let new = change
            .dependencies
            .iter()
            .filter(|d| d.what != DependencyChangeKind::Removed);
        let findings = new.filter_map(|dependency| {
            let age = dependency
                .look
                .first_published
                .map(|first| (released.as_second() - first.as_second()) as f64 / 86_400.0);
            let marks = marks(dependency, change, age, young);
            let words: Vec<String> = marks.iter().map(|(w, _)| w.clone()).collect();
            let points: u8 = marks.iter().map(|(_, p)| p).sum();
            let (severity, confidence) = match (dependency.look.verdict, points) {
                (Some(Verdict::Block), _) | (Some(Verdict::Review), 4..) => {
                    (Severity::Critical, Confidence::High)
                }
                (None | Some(Verdict::Clear | Verdict::Note | Verdict::Incomplete), 5..) => {
                    (Severity::High, Confidence::High)
                }
                (Some(Verdict::Review), _) | (_, 4) => (Severity::High, Confidence::Medium),
                (_, 3) => (Severity::Medium, Confidence::Medium),
                (_, 2) => (Severity::Low, Confidence::Medium),
                _ => return None,
            };
            let message = if words.is_empty() {
                format!("gained the dependency {}", dependency.name)
            } else {
                format!(
                    "gained the dependency {}, {}",
                    dependency.name,
                    list(&words)
                )
            };
            let mut finding = self
                .finding(message)
                .severity(severity)
                .confidence(confidence)
                .evidence(dependency.evidence.clone());
            if let Some(verdict) = dependency.look.verdict.filter(|v| *v >= Verdict::Review) {
                let because = dependency.look.because.as_deref().unwrap_or("");
                finding = finding.evidence(Evidence::statement(format!(
                    "{} {} is itself at {verdict}: {because}",
                    dependency.name,
                    dependency.look.tasted.as_deref().unwrap_or("")
                )));
            }
            Some(finding.remedy(format!(
                "stay on {}, and audit {} by itself",
                change.from, dependency.name
            )))
        });
        findings.take(5).collect()
    }
}
