//! Findings for people. What comes from the watched program is shown as what it is, text.

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_report::escape::visible;

use crate::event::{Event, Process};
use crate::finding::BehaviourFinding;
use crate::record::ancestry;

/// Processes of one line of descent that are shown.
const MAX_CHAIN: usize = 4;
/// Words of one command that are shown.
const MAX_WORDS: usize = 4;
/// Characters of one command that are shown.
const MAX_COMMAND: usize = 60;

/// Writes findings, each with its details and with what `by` says of who did it. Unless everything is asked for, notes are
/// left out, and of more details than `most` the rest is counted.
pub fn findings(
    findings: &[BehaviourFinding],
    everything: bool,
    most: usize,
    by: impl Fn(&BehaviourFinding) -> Option<String>,
) -> String {
    let mut text = String::new();
    let most = if everything { usize::MAX } else { most };
    for finding in findings {
        if finding.verdict == Verdict::Note && !everything {
            continue;
        }
        let _ = writeln!(
            text,
            "  {:<7} {}   {}",
            finding.verdict.id(),
            finding.title,
            finding.rule
        );
        for detail in finding.details.iter().take(most) {
            let _ = writeln!(text, "          {}", visible(detail));
        }
        if finding.details.len() > most {
            let _ = writeln!(text, "          … {} more", finding.details.len() - most);
        }
        if let Some(by) = by(finding) {
            let _ = writeln!(text, "          by {by}");
        }
    }
    text
}

/// The entry of the first process that a finding is about.
pub fn entry(events: &[Event], finding: &BehaviourFinding) -> Option<usize> {
    finding
        .events
        .iter()
        .find_map(|event| events.get(*event)?.process)
}

/// `python3 setup.py ← pip install evil [pypi:evil]`
pub fn chain(processes: &[Process], entry: usize) -> String {
    let mut package = None;
    let mut names = Vec::new();
    for process in ancestry(processes, Some(entry)) {
        package = package.or(process.package.as_deref());
        if names.len() < MAX_CHAIN {
            let words: Vec<&str> = process
                .arguments
                .iter()
                .take(MAX_WORDS)
                .map(String::as_str)
                .collect();
            let line: String = words.join(" ").chars().take(MAX_COMMAND).collect();
            names.push(visible(&line));
        }
    }
    let package = package
        .map(|package| format!(" [{}]", visible(package)))
        .unwrap_or_default();
    format!("{}{package}", names.join(" ← "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Action;

    #[test]
    fn a_finding_is_shown_with_some_details_and_with_who_did_it() {
        let process = |line: &str, parent, package: Option<&str>| Process {
            parent,
            arguments: line.split(' ').map(str::to_owned).collect(),
            package: package.map(str::to_owned),
            ..Process::default()
        };
        let processes = [
            process("pip install evil", None, None),
            process("python3 setup.py", Some(0), Some("pypi:evil")),
        ];
        let events = [Event {
            time: 0,
            process: Some(1),
            action: Action::Exec,
        }];
        let finding = BehaviourFinding {
            rule: "a-rule",
            verdict: Verdict::Review,
            title: "does something",
            details: ["a", "b\u{1b}", "c"].map(str::to_owned).into(),
            events: vec![0],
        };
        let note = BehaviourFinding {
            verdict: Verdict::Note,
            ..finding.clone()
        };
        let by = |finding: &BehaviourFinding| {
            entry(&events, finding).map(|entry| chain(&processes, entry))
        };
        let text = findings(&[finding.clone(), note.clone()], false, 2, by);
        let shown = format!(
            "  review  does something   a-rule\n          a\n          {}\n          … 1 more\n          by python3 setup.py ← pip install evil [pypi:evil]\n",
            visible("b\u{1b}")
        );
        assert_eq!(text, shown);
        let all = findings(&[finding, note], true, 2, by);
        assert_eq!(all.matches("          c\n").count(), 2, "{all}");
        assert!(!all.contains('…'), "{all}");
    }
}
