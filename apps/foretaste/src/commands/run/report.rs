//! A run in the formats of reports, for a code-scanning service, a job's summary or a signer.

use std::cell::LazyCell;
use std::path::PathBuf;

use anyhow::{Context, Result};
use foretaste_io::{Environment, files};
use foretaste_model::report::{Checks, ReleaseReport, Report, SCHEMA, Subject, Summary, Tool};
use foretaste_model::{Finding, RuleGroup, Verdict};
use foretaste_report::escape::visible;
use foretaste_report::human;
use foretaste_sandbox::Finished;
use foretaste_sandbox::report::{statement, summary};
use jiff::Timestamp;

use crate::behaviours::{self, When};
use crate::process;
use crate::rulebook::Rulebook;

use super::format::RunFormat;

/// Writes a run in other formats.
///
/// # Errors
/// A file cannot be written.
pub(super) fn write(
    also: &[(RunFormat, PathBuf)],
    finished: &Finished,
    command: &[std::ffi::OsString],
) -> Result<()> {
    let rulebook = Rulebook::default();
    let now = process::now(&Environment::of_process())?;
    let report = LazyCell::new(|| report(finished, command, &rulebook, now));
    for (format, file) in also {
        let text = match format {
            RunFormat::InToto => statement::statement(finished, command),
            RunFormat::Report(format) => {
                let options = human::Options {
                    at: now,
                    ..human::Options::default()
                };
                format.render(&report, &|id| rulebook.info(id), options)?
            }
        };
        files::write_atomic(file, text.as_bytes()).context("cannot write the report")?;
    }
    Ok(())
}

/// The run as the report of one thing that was looked at: the command.
fn report(
    finished: &Finished,
    command: &[std::ffi::OsString],
    rulebook: &Rulebook,
    now: Timestamp,
) -> Report {
    let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    let line = visible(&words.join(" "));
    let when = When {
        context: None,
        words: "",
    };
    let findings: Vec<Finding> = finished
        .findings
        .iter()
        .filter_map(|of| {
            let by = summary::chain(&finished.record, of).map(|by| format!("by {by}"));
            behaviours::finding(of, when, by, rulebook)
        })
        .collect();
    let record = &finished.record;
    let mut incomplete: Vec<Box<str>> = record.gaps.iter().map(|gap| visible(gap).into()).collect();
    if record.left_out > 0 {
        incomplete.push(format!("{} events were not recorded", record.left_out).into());
    }
    let mut release = ReleaseReport {
        target: line.clone().into(),
        subject: Subject::Release,
        ecosystem: None,
        name: line.into(),
        version: None,
        purl: None,
        verdict: Verdict::Clear,
        score: 0.0,
        incomplete,
        published: None,
        compared_with: None,
        change: None,
        artifacts: Vec::new(),
        not_tasted: Vec::new(),
        findings: Vec::new(),
        capabilities: Vec::new(),
        checks: Checks {
            ran: foretaste_behaviour::rules::RULES.len() as u32,
            skipped: Vec::new(),
        },
        advice: None,
        wanted_by: Vec::new(),
        moved: None,
        imported_as: Vec::new(),
        usage: None,
    };
    let policy = foretaste_policy::Policy::default();
    let group = |_: &str| RuleGroup::Behaviour;
    foretaste_engine::join(&mut release, findings, group, &policy, now);
    release.verdict = finished.verdict();
    Report {
        schema: SCHEMA.into(),
        tool: Tool {
            name: "foretaste".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            rules: "".into(),
        },
        summary: Summary::of(std::slice::from_ref(&release)),
        since: Vec::new(),
        releases: vec![release],
        policy_notes: Vec::new(),
    }
}
