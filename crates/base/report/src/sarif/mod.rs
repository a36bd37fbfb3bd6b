//! SARIF 2.1.0, for code-scanning services and editors.
//!
//! Findings are results; what could not be checked is a notification of the invocation, because SARIF has no verdict
//! and a reader must not take silence for a pass.

mod location;
mod model;
mod notify;
mod result;
mod rule;

use std::collections::BTreeSet;

use foretaste_model::report::Report;

use crate::{RuleLookup, json};
use model::{AutomationDetails, Driver, Log, Message, ReleaseVerdict, Run, RunProperties, Tool};

/// The schema that the output follows.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Renders a report as SARIF: pretty JSON with a trailing line break, byte-identical for equal input.
pub fn render(report: &Report, rules: RuleLookup<'_>) -> Result<String, serde_json::Error> {
    let ids: BTreeSet<&str> = report
        .releases
        .iter()
        .flat_map(|r| r.findings.iter().map(|f| &*f.rule))
        .collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let mut fingerprints = result::Counter::default();
    let results = report
        .releases
        .iter()
        .flat_map(|release| release.findings.iter().map(move |f| (release, f)))
        .map(|(release, finding)| result::result(release, finding, &ids, &mut fingerprints))
        .collect();
    json::print(&Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool {
                driver: Driver {
                    name: "Foretaste",
                    semantic_version: report.tool.version.to_string(),
                    rules: ids.iter().map(|id| rule::describe(id, rules(id))).collect(),
                    notifications: notify::descriptors(),
                },
            },
            invocations: vec![notify::invocation(report)],
            results,
            column_kind: "unicodeCodePoints",
            automation_details: AutomationDetails {
                id: "foretaste/audit/",
            },
            properties: RunProperties {
                rules_digest: report.tool.rules.to_string(),
                verdicts: report
                    .releases
                    .iter()
                    .map(|r| ReleaseVerdict {
                        target: location::name(r).to_owned(),
                        verdict: r.verdict.id(),
                        score: r.score,
                    })
                    .collect(),
            },
        }],
    })
}

/// Hostile text as a plain-text message: no placeholders (§3.11.5), no embedded links (§3.11.6).
fn message(text: &str) -> Message {
    Message {
        text: crate::escape::visible(text)
            .replace('{', "{{")
            .replace('}', "}}")
            .replace("](", "] ("),
        markdown: None,
    }
}
