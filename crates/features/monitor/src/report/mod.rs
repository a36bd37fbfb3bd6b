//! What the monitor saw, as data.

pub mod human;

use std::collections::{BTreeSet, HashMap};

use foretaste_behaviour::finding::verdict;
use foretaste_behaviour::{Action, BehaviourFinding, Event, Process, Record};
use foretaste_model::Verdict;
use jiff::Timestamp;
use serde::Serialize;

use crate::alert;
use crate::collector::{Collector, Counts};
use crate::installs::{Install, Locked, Status};
use crate::policy::Mode;
use crate::source::About;

/// The version of the report.
pub const SCHEMA: &str = "https://foretaste.example/schema/monitor/1.json";

/// A report.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The version of this shape.
    pub schema: &'static str,
    /// The version of the program.
    pub version: &'static str,
    /// When the monitor began.
    pub began: Timestamp,
    /// Microseconds that it watched.
    pub took: u64,
    /// What was watched: the command, or the whole machine.
    pub watched: String,
    /// What happened to what is not allowed.
    pub mode: Mode,
    /// Which sources were used, and what they cannot see.
    pub sources: Vec<About>,
    /// Sources that could not be used, and why.
    pub unavailable: Vec<String>,
    /// The heaviest finding; `incomplete` if nothing is worse and something was not seen.
    pub verdict: Verdict,
    /// Findings, heaviest first.
    pub findings: Vec<BehaviourFinding>,
    /// Installs.
    pub installs: Vec<Install>,
    /// The files that installs were compared with.
    pub locks: Vec<String>,
    /// Figures.
    pub counts: Counts,
    /// Programs.
    pub processes: Vec<Process>,
    /// Steps of the programs, by their index.
    pub steps: Vec<Option<String>>,
    /// Events in order.
    pub events: Vec<Event>,
    /// What was not seen.
    pub gaps: Vec<String>,
    /// Events that were left out because there were too many.
    pub left_out: u64,
    /// How the command ended, if one was watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
}

/// What a report is about, beside what was collected.
#[derive(Clone, Debug)]
pub(crate) struct Frame {
    pub(crate) began: Timestamp,
    pub(crate) took: u64,
    pub(crate) watched: String,
    pub(crate) sources: Vec<About>,
    pub(crate) unavailable: Vec<String>,
    pub(crate) exit_code: Option<i32>,
}

/// Judges what was collected.
pub(crate) fn make(mut collector: Collector, locked: &Locked, frame: Frame) -> Report {
    collector.finish();
    let policy = collector.policy().clone();
    let Collector {
        record,
        mut steps,
        installs,
        counts,
        ..
    } = collector;
    let mut installs = installs.finish(locked);
    let reached = reached(&record);
    let mut known: HashMap<usize, Vec<String>> = HashMap::new();
    for install in &mut installs {
        install.step = install
            .process
            .and_then(|entry| steps.get(entry).cloned().flatten());
        if install.index.is_none()
            && let Some(entry) = install.process
        {
            let hosts = known
                .entry(entry)
                .or_insert_with(|| hosts(&record, &reached, entry));
            install.hosts.clone_from(hosts);
        }
    }
    steps.resize(record.processes.len(), None);
    let mut findings = foretaste_behaviour::rules::judge(&record);
    findings.retain(|finding| !alert::process::is_all_expected(finding, &record, &policy));
    findings.extend(alert::egress(&record));
    findings.extend(alert::process::unexpected(&record, &policy));
    findings.extend(drift(&installs));
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.verdict), finding.rule));
    let Record {
        processes,
        events,
        left_out,
        mut gaps,
        ..
    } = record;
    gaps.extend(
        locked
            .problems
            .iter()
            .map(|problem| format!("a lock could not be read: {problem}")),
    );
    Report {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        began: frame.began,
        took: frame.took,
        watched: frame.watched,
        mode: policy.mode,
        sources: frame.sources,
        unavailable: frame.unavailable,
        verdict: verdict(&findings, left_out == 0 && gaps.is_empty()),
        findings,
        installs,
        locks: locked.files.clone(),
        counts,
        processes,
        steps,
        events,
        gaps,
        left_out,
        exit_code: frame.exit_code,
    }
}

/// Who reached which host, each pair once.
fn reached(record: &Record) -> BTreeSet<(usize, &str)> {
    record
        .events
        .iter()
        .filter_map(|event| match &event.action {
            Action::Connection {
                host: Some(host), ..
            } => Some((event.process?, host.as_str())),
            _ => None,
        })
        .collect()
}

/// Hosts that a command reached, itself or through what it started.
fn hosts(record: &Record, reached: &BTreeSet<(usize, &str)>, entry: usize) -> Vec<String> {
    let Some(process) = record.processes.get(entry) else {
        return Vec::new();
    };
    let hosts: BTreeSet<&str> = reached
        .iter()
        .filter(|(by, _)| {
            record
                .ancestry(Some(*by))
                .any(|above| std::ptr::eq(above, process))
        })
        .map(|(_, host)| *host)
        .collect();
    hosts.into_iter().map(str::to_owned).collect()
}

fn drift(installs: &[Install]) -> Vec<BehaviourFinding> {
    let details = |wanted: Status| {
        installs
            .iter()
            .filter(move |install| install.status == wanted)
            .map(|install| {
                let instead = install
                    .locked
                    .as_ref()
                    .map(|says| format!("; locked is {says}"))
                    .unwrap_or_default();
                (
                    format!(
                        "{}:{} {}{instead}",
                        install.ecosystem.id(),
                        install.name,
                        install.version
                    ),
                    None,
                )
            })
    };
    [
        alert::finding(
            "unexpected-package",
            "installs a package that no lock names",
            Verdict::Review,
            details(Status::NotLocked),
        ),
        alert::finding(
            "other-version",
            "installs another version than the locked one",
            Verdict::Review,
            details(Status::OtherVersion),
        ),
        alert::finding(
            "other-hash",
            "installs other bytes than the locked ones",
            Verdict::Block,
            details(Status::OtherHash),
        ),
        alert::finding(
            "unpinned-package",
            "installs a package that is asked for without a version",
            Verdict::Note,
            details(Status::Unpinned),
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
