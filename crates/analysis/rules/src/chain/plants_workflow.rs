//! # It plants a workflow in repositories
//!
//! ## What it finds
//! Code that runs at install or import time and writes below `.github/workflows` (or another CI's configuration), or sends such
//! a file to a forge; and code that does so whenever it is called, if the workflow in it hands something to another machine
//! (`curl --data-binary @-`) or takes all secrets at once (`toJSON(secrets)`).
//!
//! ## Why it matters
//! A planted workflow runs with the repository's secrets on the next push: Shai-Hulud's `shai-hulud-workflow.yml` and
//! GhostAction (September 2025) stole thousands of secrets in this way.
//!
//! ## Example
//! `fs.writeFileSync(".github/workflows/format.yml", workflow)` in a postinstall script
//!
//! ## What to do
//! Search your repositories for workflows that nobody wrote.
//!
//! ## When it is wrong
//! Project generators write workflows when somebody calls them; that is not reported unless the workflow sends something away.
use std::cell::LazyCell;

use foretaste_engine::prelude::*;

use crate::code;

declare_rule! {
    PlantsWorkflow,
    id: "plants-workflow",
    title: "plants a workflow in repositories",
    group: Chain,
    severity: Critical,
    confidence: High,
    needs: [Code],
    tags: ["T1677", "T1546"],
    since: "0.1.0",
}

impl FileRule for PlantsWorkflow {
    fn judge(&self, file: &FileView<'_>, _scene: &Scene<'_>) -> Vec<Finding> {
        let facts = file.facts;
        let is_workflow = |text: &str| {
            let lower = text.to_lowercase().replace('\\', "/");
            [
                ".github/workflows",
                ".gitlab-ci.yml",
                ".circleci/config",
                "azure-pipelines.yml",
                "bitbucket-pipelines",
            ]
            .iter()
            .any(|p| lower.contains(p))
        };
        // asked only where a workflow is named
        let sends = LazyCell::new(|| facts.literals.iter().any(|l| hands_over(&l.value)));
        let writes =
            |u: &&Use| u.capability == Capability::FileWrite || code::spawns(u) || code::talks(u);
        let tells = |u: &&Use| file.context(u.function) <= ExecutionContext::Import || *sends;
        let mut direct = facts
            .uses
            .iter()
            .filter(writes)
            .filter(|u| u.constants.iter().any(|c| is_workflow(c)));
        let direct = direct.find(tells);
        let literal = facts.literals.iter().find(|l| is_workflow(&l.value));
        let used = direct.or_else(|| {
            let literal = literal?;
            let mut near = facts.uses.iter().filter(writes).filter(|u| {
                u.capability != Capability::ProcessSpawn
                    && (u.function == literal.function || literal.function == 0)
            });
            near.find(tells)
        });
        let Some(used) = used else {
            return Vec::new();
        };
        let context = file.context(used.function);
        let mut finding = self
            .finding(format!("writes a CI workflow {}", context.phrase()))
            .context(context)
            .evidence(file.use_evidence(used, EvidenceRole::Sink, &*used.api));
        if direct.is_none() {
            finding = finding.confidence(Confidence::Medium);
        }
        if let Some(literal) = literal {
            finding = finding.evidence(file.literal_evidence(literal, "a workflow"));
        }
        vec![finding]
    }
}

/// True for a step of a workflow that hands something to another machine, or for one that takes all secrets at once.
fn hands_over(text: &str) -> bool {
    let lower = text.to_lowercase();
    let is_step = lower.contains("run:") || lower.contains("uses:") || lower.contains("steps:");
    let uploads = lower.contains("curl ")
        && ["--data", " -d @", " -d \"$", " -f @", " -t -", "@-"]
            .iter()
            .any(|flag| lower.contains(flag));
    lower.contains("tojson(secrets") || (is_step && uploads)
}
