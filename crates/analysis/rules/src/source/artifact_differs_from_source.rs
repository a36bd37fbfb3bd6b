//! # The artifact holds code that its repository does not
//!
//! ## What it finds
//! Source files of the artifact that the repository does not have at the release's tag, or has with other content.
//! Build products (metadata folders, generated version files) are left out.
//!
//! ## Why it matters
//! Code that is only in the artifact went past every reviewer: the xz back door, ultralytics 8.3.41, LiteLLM's `.pth`
//! file.
//!
//! ## Example
//! `litellm_init.pth` in the wheel, not in the repository.
//!
//! ## What to do
//! Read the files that differ. Prefer a release built by the project's own pipeline with provenance.
//!
//! ## When it is wrong
//! Generated, transpiled and vendored files differ honestly. Files that run at install time or at interpreter start
//! weigh most.
use foretaste_engine::prelude::*;

declare_rule! {
    ArtifactDiffersFromSource,
    id: "artifact-differs-from-source",
    title: "holds code that its repository does not",
    group: Source,
    severity: High,
    confidence: Low,
    needs: [SourceComparison],
    tags: ["T1195.002", "AV-400"],
    since: "0.1.0",
}

impl ReleaseRule for ArtifactDiffersFromSource {
    fn judge(&self, scene: &Scene<'_>) -> Vec<Finding> {
        let Some(comparison) = scene.source.known() else {
            return Vec::new();
        };
        // nothing in common: another layout or another repository, which says nothing about single files
        if comparison.equal == 0 {
            return Vec::new();
        }
        let phantom: Vec<&Box<str>> = comparison
            .only_in_artifact
            .iter()
            .filter(|p| is_code(p))
            .collect();
        let changed: Vec<&Box<str>> = comparison.different.iter().filter(|p| is_code(p)).collect();
        if phantom.is_empty() && changed.is_empty() {
            return Vec::new();
        }
        let critical = phantom
            .iter()
            .chain(&changed)
            .any(|p| p.ends_with(".pth") || &***p == "setup.py" || &***p == "build.rs");
        let message = format!(
            "{} source files are not in the repository at {}, {} differ from it",
            phantom.len(),
            comparison.revision,
            changed.len()
        );
        let mut finding = self.finding(message);
        if critical {
            finding = finding.confidence(Confidence::Medium);
        }
        for (path, note) in phantom
            .iter()
            .map(|p| (p, "only in the artifact"))
            .chain(changed.iter().map(|p| (p, "differs")))
            .take(8)
        {
            finding = finding.evidence(Evidence::file("", path, note));
        }
        vec![finding]
    }
}

fn is_code(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, e)| e);
    let code = matches!(
        extension,
        "py" | "pth" | "js" | "mjs" | "cjs" | "ts" | "rs" | "sh" | "so" | "pyd" | "dll" | "exe"
    );
    let generated = ["_version.py", "version.py", "__version__.py", "conf.py"]
        .iter()
        .any(|g| path.ends_with(g));
    code && !generated
        && !path.contains("/dist/")
        && !path.starts_with("dist/")
        && !path.starts_with("build/")
}
