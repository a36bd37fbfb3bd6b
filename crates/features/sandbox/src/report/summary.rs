//! What a run did, for people: the verdict, what decided it, and what was reached.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use foretaste_behaviour::{Access, Action, BehaviourFinding, Record, text};
use foretaste_model::Verdict;
use foretaste_model::words::counted;
use foretaste_report::escape::visible;

use super::size::bytes;
use crate::supervisor::Finished;

/// Details of one finding that are shown unless everything is asked for.
const MAX_DETAILS: usize = 5;

/// Writes the summary. Of a run about which there is nothing to say it is one line.
pub fn summary(finished: &Finished, everything: bool) -> String {
    let mut text = String::new();
    let mark = match finished.verdict() {
        Verdict::Block => "✗",
        Verdict::Clear | Verdict::Note => "✓",
        _ => "!",
    };
    let _ = writeln!(
        text,
        "{mark} {}  {} in {:.1} s{}",
        finished.verdict().id().to_uppercase(),
        counted(finished.record.processes.len(), "program"),
        finished.took.as_secs_f64(),
        reached(finished)
    );
    text += &text::findings(&finished.findings, everything, MAX_DETAILS, |finding| {
        let record = &finished.record;
        text::each(&record.events, finding, |entry| {
            text::chain(&record.processes, entry)
        })
    });
    for gap in &finished.record.gaps {
        let _ = writeln!(text, "  not everything was recorded: {}", visible(gap));
    }
    if finished.record.left_out > 0 {
        let _ = writeln!(
            text,
            "  not everything was recorded: {}",
            counted(finished.record.left_out, "more event")
        );
    }
    text
}

/// `, reached files.example (1.2 MiB)`
fn reached(finished: &Finished) -> String {
    let mut hosts: BTreeMap<&str, u64> = BTreeMap::new();
    for event in &finished.record.events {
        if let Action::Connection {
            host: Some(host),
            access: Access::Allowed,
            received,
            ..
        } = &event.action
        {
            *hosts.entry(host).or_default() += received;
        }
    }
    let hosts: Vec<String> = hosts
        .into_iter()
        .map(|(host, received)| format!("{} ({})", visible(host), bytes(received)))
        .collect();
    if hosts.is_empty() {
        String::new()
    } else {
        format!(", reached {}", hosts.join(", "))
    }
}

/// `python3 setup.py ← pip install evil [pypi:evil]`
pub fn chain(record: &Record, finding: &BehaviourFinding) -> Option<String> {
    let entry = text::entry(&record.events, finding)?;
    Some(text::chain(&record.processes, entry))
}
