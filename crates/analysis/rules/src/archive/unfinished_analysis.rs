//! # A file was not analysed to its end
//!
//! ## What it finds
//! Files whose analysis ran out of time or steps, nested deeper than any honest source, or on which the reader died.
//! What was found up to there still counts.
//!
//! ## Why it matters
//! Code that exhausts or kills its reader is a way to hide what stands behind it: several scanners of this field can
//! be silenced with a few thousand brackets. Such a file is told, not passed over.
//!
//! ## Example
//! ```python
//! x = [[[[[[[[ ... ten thousand times ... ]]]]]]]]
//! ```
//!
//! ## What to do
//! Look at the file yourself. If the package is honest and merely large, raise `limits.file-time` or
//! `limits.nesting` in `foretaste.toml`.
//!
//! ## When it is wrong
//! Generated tables and bundles of many megabytes; test data for parsers.
use foretaste_engine::prelude::*;

use foretaste_model::facts::ProblemKind;

declare_rule! {
    UnfinishedAnalysis,
    id: "unfinished-analysis",
    title: "was not analysed to the end of every file",
    group: Archive,
    severity: Low,
    confidence: Medium,
    needs: [Code],
    tags: ["T1027"],
    since: "0.1.0",
}

impl FileRule for UnfinishedAnalysis {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let severity = |kind| match kind {
            ProblemKind::TooDeep | ProblemKind::ParserDied => Some(Severity::Medium),
            ProblemKind::Budget | ProblemKind::Truncated => Some(Severity::Low),
            _ => None,
        };
        let worst = file
            .facts
            .problems
            .iter()
            .filter_map(|problem| Some((severity(problem.kind)?, problem)))
            .max_by_key(|(severity, _)| *severity);
        let Some((severity, problem)) = worst else {
            return Vec::new();
        };
        let span = problem.span.unwrap_or_default();
        let evidence = file.evidence(span, EvidenceRole::Site, problem.message.clone());
        vec![
            self.finding(format!("{}: {}", file.path(), problem.message))
                .severity(severity)
                .context(file.context_at(span))
                .evidence(evidence),
        ]
    }
}
