//! # New code is in the artifact and not in the repository
//!
//! ## What it finds
//! A code file that the release before it did not have, and that the source repository does not have at this release's
//! tag, and that runs at install, at start or at import.
//!
//! ## Why it matters
//! Who steals a token can publish, but not commit: the payload is only in the artifact. ultralytics (PyPI, 2024), LiteLLM's
//! `litellm_init.pth` (PyPI, 2026).
//!
//! ## Example
//! `litellm_init.pth` stands in the wheel, in no earlier wheel, and nowhere in the repository.
//!
//! ## What to do
//! Do not install it; ask the maintainers.
//!
//! ## When it is wrong
//! Files that the build generates. Those that say so, and those without any capability, are not reported.
use foretaste_engine::prelude::*;

use foretaste_model::change::FileChangeKind;

declare_rule! {
    UnsourcedNewFile,
    id: "unsourced-new-file",
    title: "has new code that its repository lacks",
    group: Change,
    severity: High,
    confidence: Low,
    needs: [Change, SourceComparison, Code],
    tags: ["T1195.002"],
    since: "0.1.0",
}

impl ReleaseRule for UnsourcedNewFile {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let (Some(change), Some(source)) = (scene.change.known(), scene.source.known()) else {
            return Vec::new();
        };
        let added = |path: &str| {
            change
                .files
                .iter()
                .any(|f| f.kind == FileChangeKind::Added && *f.path == *path)
        };
        let findings = scene
            .files()
            .filter(|f| f.layer.is_empty())
            .filter_map(|file| {
                let path = file.path();
                let unsourced = source.only_in_artifact.iter().any(|p| **p == *path);
                let idle = file.facts.uses.is_empty() && file.facts.layers.is_empty();
                if !unsourced || !added(path) || idle || file.facts.nature == FileNature::Generated
                {
                    return None;
                }
                let context = file.worst_context();
                (context <= ExecutionContext::Import).then(|| {
                    self.finding(format!(
                    "runs code {} that neither the release before it nor {} of its repository has",
                    context.phrase(),
                    source.revision
                ))
                .context(context)
                .evidence(Evidence::file(
                    &file.artifact.filename,
                    path,
                    "not in the repository",
                ))
                })
            });
        findings.take(5).collect()
    }
}
