//! # Code is pushed out of view
//!
//! ## What it finds
//! Code that begins after more than `columns` blanks on a line.
//!
//! ## Why it matters
//! In an editor without line wrapping the line looks empty. 5 % of the malicious PyPI families hide code like this.
//!
//! ## Example
//! `import os;` followed by 300 blanks and `exec(...)`
//!
//! ## What to do
//! Wrap long lines and read the end.
//!
//! ## When it is wrong
//! Generated tables are aligned with many blanks, rarely this many.
use foretaste_engine::is_out_of_view;
use foretaste_engine::prelude::*;

declare_rule! {
    CodeOutOfView,
    id: "code-out-of-view",
    title: "pushes code out of view",
    group: Obfuscation,
    severity: Critical,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027", "T1564"],
    options: [{ "columns", 120.0, "blanks", "blanks before code on one line" }],
    since: "0.1.0",
}

impl FileRule for CodeOutOfView {
    fn judge(&self, file: &FileView<'_>, scene: &Scene<'_>) -> Vec<Finding> {
        let code = matches!(
            file.facts.language,
            Language::Python
                | Language::JavaScript
                | Language::TypeScript
                | Language::Pth
                | Language::Shell
        );
        let indent = file.facts.shape.longest_indent;
        if !code
            || file.facts.nature != FileNature::Source
            || f64::from(indent) < scene.option(self.meta(), "columns")
        {
            return Vec::new();
        }
        let far = file
            .facts
            .uses
            .iter()
            .find(|u| is_out_of_view(u, &file.facts.shape));
        let context = far.map_or_else(|| file.worst_context(), |u| file.context(u.function));
        let mut finding = self
            .finding(format!(
                "code begins after {indent} blanks on a line, out of view"
            ))
            .context(context);
        finding = match far {
            Some(used) => {
                // an interface that can do harm, where nobody looks
                if used.capability.is_execution() || used.capability.is_network_sink() {
                    finding = finding.confidence(Confidence::High);
                }
                finding.evidence(file.use_evidence(used, EvidenceRole::Site, "out of view"))
            }
            None => finding
                .severity(Severity::Medium)
                .confidence(Confidence::Low)
                .evidence(Evidence::file(
                    &file.artifact.filename,
                    file.path(),
                    "out of view",
                )),
        };
        vec![finding]
    }
}
