//! # Code is unreadable that was not
//!
//! ## What it finds
//! A new or changed code file with mangled names, data in invisible characters, a long encoded text, code pushed out of
//! view, or content that no parser accepts, where the release before it had nothing of the sort. Minified code counts when
//! it runs at install, or when a file that people could read no longer can be. What is unreadable weighs more when the
//! release also gained something dangerous in that file, and a new script counts as run when the release also began to
//! start programs, or to install something from outside of the registry.
//!
//! ## Why it matters
//! Honest projects publish the code that they review. chalk and debug (npm, September 2025) were small readable files
//! that gained one unreadable line.
//!
//! ## Example
//! `index.js` of 1.4.4 has 90 lines of code; that of 1.4.5 begins with `const _0x112fa8=_0x180f;`.
//!
//! ## What to do
//! Compare the file with the one in the repository.
//!
//! ## When it is wrong
//! Projects begin to bundle and minify what they publish: that is said, and weighs next to nothing.
use foretaste_engine::prelude::*;

use foretaste_model::change::{Change, ConcealedFile, Concealment, DependencyChangeKind};
use foretaste_model::manifest::DependencySource;

use super::support::{Part, part};

declare_rule! {
    NewObfuscatedFile,
    id: "new-obfuscated-file",
    title: "has code that cannot be read any more",
    group: Change,
    severity: High,
    confidence: Medium,
    needs: [Change],
    tags: ["T1027"],
    since: "0.1.0",
}

/// When the file runs at the latest: a new script that arrives together with code that starts programs, or with a
/// dependency from outside of the registry, is not there to lie around.
fn context(file: &ConcealedFile, change: &Change) -> ExecutionContext {
    if !file.file_is_new || file.how == Concealment::Minified {
        return file.context;
    }
    let starters = change
        .capabilities
        .iter()
        .filter(|g| part(g.capability) == Some(Part::Execution) && g.group_is_new)
        .map(|g| g.context);
    let from_elsewhere = change.dependencies.iter().any(|d| {
        d.what != DependencyChangeKind::Removed
            && matches!(
                d.source,
                DependencySource::Url(_) | DependencySource::Git(_)
            )
    });
    starters
        .chain(from_elsewhere.then_some(ExecutionContext::Install))
        .chain([file.context])
        .min()
        .unwrap_or(file.context)
}

/// True if the release gained a part of an attack in this file.
fn gains(file: &ConcealedFile, change: &Change) -> bool {
    change
        .capabilities
        .iter()
        .any(|g| g.evidence.path == file.evidence.path && part(g.capability).is_some())
}

fn weigh(file: &ConcealedFile, change: &Change) -> (Severity, Confidence) {
    let at_install = context(file, change) <= ExecutionContext::Start;
    match file.how {
        Concealment::MangledNames | Concealment::OutOfView
            if !file.is_usual && gains(file, change) =>
        {
            (Severity::High, Confidence::High)
        }
        Concealment::InvisibleText => (Severity::High, Confidence::High),
        Concealment::MangledNames | Concealment::OutOfView if !file.is_usual => {
            (Severity::High, Confidence::Medium)
        }
        Concealment::LongOpaqueText | Concealment::Minified if at_install && !file.is_usual => {
            (Severity::High, Confidence::Medium)
        }
        Concealment::Minified if !file.file_is_new && !file.is_usual => {
            (Severity::Medium, Confidence::Low)
        }
        Concealment::LongOpaqueText if !file.is_usual => (Severity::Medium, Confidence::Low),
        Concealment::MangledNames | Concealment::OutOfView => (Severity::Medium, Confidence::Low),
        Concealment::LongOpaqueText | Concealment::Unreadable => (Severity::Low, Confidence::Low),
        Concealment::Minified => (Severity::Info, Confidence::Low),
    }
}

impl ReleaseRule for NewObfuscatedFile {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(change) = scene.change.known() else {
            return Vec::new();
        };
        let findings = change.concealed.iter().map(|file| {
            let (severity, confidence) = weigh(file, change);
            let what = if file.file_is_new {
                "a new file holds"
            } else {
                "a file now holds"
            };
            self.finding(format!("{what} {}", file.how.phrase()))
                .severity(severity)
                .confidence(confidence)
                .context(context(file, change))
                .evidence(file.evidence.clone())
        });
        findings.take(5).collect()
    }
}
