//! GitLab's dependency-scanning report: a list of vulnerabilities, each with the package and the file that asks for it.
//!
//! Version 15.0.7 of the schema, which every GitLab since 16 takes:
//! <https://gitlab.com/gitlab-org/security-products/security-report-schemas>.

use std::collections::BTreeMap;

use foretaste_model::report::{ReleaseReport, Report};
use foretaste_model::{ContentDigest, Ecosystem, Finding, Severity};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::escape::visible;
use crate::select;

const VERSION: &str = "15.0.7";

/// Kinds of ids that GitLab links to other sources, by their first word.
const IDENTIFIERS: [(&str, &str); 6] = [
    ("CVE-", "cve"),
    ("GHSA-", "ghsa"),
    ("PYSEC-", "pysec"),
    ("RUSTSEC-", "rustsec"),
    ("MAL-", "osv"),
    ("OSV-", "osv"),
];

/// Renders a report: one vulnerability for each finding that counts, and one for what was not checked. The report itself
/// knows no time, GitLab asks for one: `at`.
///
/// # Errors
/// Never in practice: it is how JSON is written.
pub fn render(report: &Report, at: Timestamp) -> Result<String, serde_json::Error> {
    let time = at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let tool = json!({
        "id": visible(&report.tool.name),
        "name": "Foretaste",
        "version": visible(&report.tool.version),
        "vendor": { "name": "Foretaste" },
    });
    let mut vulnerabilities = Vec::new();
    let mut files: BTreeMap<(String, &str), Vec<Value>> = BTreeMap::new();
    for release in &report.releases {
        let file = file(release);
        files
            .entry((file.clone(), manager(release.ecosystem)))
            .or_default()
            .push(dependency(release));
        for finding in release.findings.iter().filter(|f| f.waived.is_none()) {
            vulnerabilities.push(of_finding(release, finding, &file));
        }
        for reason in &release.incomplete {
            let told = format!("could not be vetted: {reason}");
            let parts = (
                &*told,
                "Unknown",
                vec![identifier("foretaste_rule", "incomplete")],
            );
            vulnerabilities.push(vulnerability(release, parts, None, &file));
        }
    }
    // two findings of one rule that say the same of one package are one
    let mut seen = std::collections::BTreeSet::new();
    vulnerabilities.retain(|v| seen.insert(v["id"].to_string()));
    let dependency_files: Vec<Value> = files
        .into_iter()
        .map(|((path, manager), dependencies)| {
            json!({ "path": path, "package_manager": manager, "dependencies": dependencies })
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&json!({
        "version": VERSION,
        "scan": {
            "analyzer": tool,
            "scanner": tool,
            "type": "dependency_scanning",
            "start_time": time,
            "end_time": time,
            "status": "success",
        },
        "vulnerabilities": vulnerabilities,
        "dependency_files": dependency_files,
    }))?;
    text.push('\n');
    Ok(text)
}

fn of_finding(release: &ReleaseReport, finding: &Finding, file: &str) -> Value {
    let severity = match finding.severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    };
    let mut identifiers = vec![identifier("foretaste_rule", &finding.rule)];
    identifiers.extend(named(&finding.message));
    let told = select::message_in_context(finding);
    let solution = finding.remedy.as_deref().or(release.advice.as_deref());
    vulnerability(release, (&told, severity, identifiers), solution, file)
}

fn vulnerability(
    release: &ReleaseReport,
    (told, severity, identifiers): (&str, &str, Vec<Value>),
    solution: Option<&str>,
    file: &str,
) -> Value {
    let identity = format!("{}\0{file}\0{told}\0{}", release.target, json!(identifiers));
    let mut made = json!({
        "id": ContentDigest::of(identity.as_bytes()).to_hex(),
        "name": visible(&format!("{}: {told}", select::title(release))),
        "description": visible(&description(release, told)),
        "severity": severity,
        "identifiers": identifiers,
        "location": { "file": file, "dependency": dependency(release) },
    });
    if let Some(solution) = solution {
        made["solution"] = json!(visible(solution));
    }
    made
}

/// The sentence, and why the project has the package.
fn description(release: &ReleaseReport, told: &str) -> String {
    match release.wanted_by.first() {
        Some(wanted) => format!("{told}; needed by {}", select::way(wanted)),
        None => told.to_owned(),
    }
}

fn dependency(release: &ReleaseReport) -> Value {
    let mut made = json!({
        "package": { "name": visible(&release.name) },
        "version": visible(release.version.as_deref().unwrap_or("unknown")),
    });
    if let Some(wanted) = release.wanted_by.first() {
        made["direct"] = json!(wanted.direct);
    }
    made
}

/// The file that asks for it, else what was named.
fn file(release: &ReleaseReport) -> String {
    let file = select::place(release).map_or_else(|| release.target.to_string(), |(file, ..)| file);
    visible(&file)
}

/// The advisories that a sentence names.
fn named(message: &str) -> Vec<Value> {
    message
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .filter_map(|word| {
            let (_, kind) = IDENTIFIERS
                .iter()
                .find(|(start, _)| word.starts_with(start))?;
            Some(identifier(kind, word))
        })
        .collect()
}

fn identifier(kind: &str, value: &str) -> Value {
    let value = visible(value);
    json!({ "type": kind, "name": value, "value": value })
}

const fn manager(ecosystem: Option<Ecosystem>) -> &'static str {
    match ecosystem {
        Some(Ecosystem::Pypi) => "pip",
        Some(Ecosystem::RubyGems) => "bundler",
        Some(Ecosystem::Packagist) => "composer",
        Some(ecosystem) => ecosystem.id(),
        None => "unknown",
    }
}
