//! GitLab's code-quality report: a list of issues with a fingerprint that stays the same from run to run.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use foretaste_model::report::{ReleaseReport, Report};
use foretaste_model::{ContentDigest, Finding, Severity, Verdict};
use serde::Serialize;

use crate::escape::visible;
use crate::select;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// Renders a report as code-quality issues: one for each rule that found something, and one for what was not checked.
///
/// # Errors
/// Never in practice: it is how JSON is written.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    let mut issues = Vec::new();
    for release in &report.releases {
        issues.extend(
            select::by_rule(release)
                .iter()
                .map(|rule| of_finding(release, rule.first)),
        );
        for reason in &release.incomplete {
            issues.push(issue(
                release,
                "incomplete",
                &format!("could not be vetted: {reason}"),
                "major",
                &place(release, None),
            ));
        }
    }
    let mut text = serde_json::to_string_pretty(&issues)?;
    text.push('\n');
    Ok(text)
}

fn of_finding(release: &ReleaseReport, finding: &Finding) -> Issue {
    let severity = match finding.severity {
        Severity::Critical if release.verdict == Verdict::Block => "blocker",
        Severity::Critical => "critical",
        Severity::High => "major",
        Severity::Medium | Severity::Low => "minor",
        Severity::Info => "info",
    };
    issue(
        release,
        &finding.rule,
        &select::message_in_context(finding),
        severity,
        &place(release, Some(finding)),
    )
}

/// Where a reader of the project finds it: the line that asks for the release, else the place that proves the finding.
fn place(release: &ReleaseReport, finding: Option<&Finding>) -> (String, u32) {
    if let Some((file, line, _)) = select::place(release) {
        return (file, line.max(1));
    }
    let shown = finding.and_then(|f| f.evidence.iter().find(|e| !e.path.is_empty()));
    match shown {
        Some(evidence) => (
            select::evidence_path(release, &evidence.path),
            evidence.span.map_or(1, |s| s.line.max(1)),
        ),
        None => (release.target.to_string(), 1),
    }
}

fn issue(
    release: &ReleaseReport,
    check: &str,
    message: &str,
    severity: &'static str,
    (path, line): &(String, u32),
) -> Issue {
    // the line is left out of it, so that an issue stays the same when the file moves
    let identity = format!("{}\0{check}\0{path}\0{message}", release.target);
    Issue {
        description: visible(&format!("{}: {message}", select::title(release))),
        check_name: visible(check),
        fingerprint: ContentDigest::of(identity.as_bytes()).to_hex(),
        severity,
        location: Location {
            path: visible(path),
            lines: Lines { begin: *line },
        },
    }
}
