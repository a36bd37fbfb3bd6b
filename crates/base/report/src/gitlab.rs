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
                (&release.target, 1),
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
    let place = finding.evidence.iter().find(|e| !e.path.is_empty());
    let line = place.and_then(|e| e.span).map_or(1, |s| s.line.max(1));
    let path = place.map_or(&release.target, |e| &e.path);
    issue(
        release,
        &finding.rule,
        &select::message_in_context(finding),
        severity,
        (path, line),
    )
}

fn issue(
    release: &ReleaseReport,
    check: &str,
    message: &str,
    severity: &'static str,
    (path, line): (&str, u32),
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
            lines: Lines { begin: line },
        },
    }
}
