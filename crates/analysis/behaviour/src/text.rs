//! Findings for people. What comes from the watched program is shown as what it is, text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_report::escape::visible;

use crate::event::{Event, Process};
use crate::finding::BehaviourFinding;
use crate::record::ancestry;

/// Lines of descent of one finding that are shown unless everything is asked for.
const MAX_CHAINS: usize = 3;
/// Processes of one line of descent that are shown.
const MAX_CHAIN: usize = 4;
/// Words of one command that are shown.
const MAX_WORDS: usize = 4;
/// Characters of one command that are shown.
const MAX_COMMAND: usize = 72;
/// Bytes of one path of a command that are shown.
const MAX_PATH: usize = 28;

/// Writes findings, each with its details and with what `by` says of who did it. Unless everything is asked for, notes are
/// left out, and of more details than `most` the rest is counted.
pub fn findings(
    findings: &[BehaviourFinding],
    everything: bool,
    most: usize,
    by: impl Fn(&BehaviourFinding) -> Vec<String>,
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
        let by = by(finding);
        let shown = if everything { by.len() } else { MAX_CHAINS };
        for by in by.iter().take(shown) {
            let _ = writeln!(text, "          by {by}");
        }
        if by.len() > shown {
            let _ = writeln!(text, "          by {} more", by.len() - shown);
        }
    }
    text
}

/// The entry of the first process that a finding is about.
pub fn entry(events: &[Event], finding: &BehaviourFinding) -> Option<usize> {
    entries(events, finding).next()
}

/// What `words` says of each process that a finding is about, in order and each text once: a program that is started
/// again and again has many entries and one line of descent.
pub fn each(
    events: &[Event],
    finding: &BehaviourFinding,
    words: impl Fn(usize) -> String,
) -> Vec<String> {
    let (mut told, mut texts) = (HashSet::new(), Vec::new());
    for entry in entries(events, finding).filter(|entry| told.insert(*entry)) {
        let text = words(entry);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

fn entries(events: &[Event], finding: &BehaviourFinding) -> impl Iterator<Item = usize> {
    let of = |event: &usize| events.get(*event)?.process;
    finding.events.iter().filter_map(of)
}

/// `python3 setup.py ← pip install evil [pypi:evil]`
pub fn chain(processes: &[Process], entry: usize) -> String {
    let mut package = None;
    let mut names = Vec::new();
    for process in ancestry(processes, Some(entry)) {
        package = package.or(process.package.as_deref());
        if names.len() < MAX_CHAIN {
            names.push(visible(&command(&process.arguments)));
        }
    }
    let package = package
        .map(|package| format!(" [{}]", visible(package)))
        .unwrap_or_default();
    format!("{}{package}", names.join(" ← "))
}

/// The first words of a command line; what is left out shows.
fn command(arguments: &[String]) -> String {
    let words: Vec<_> = arguments
        .iter()
        .take(MAX_WORDS)
        .map(|word| end_of_path(word))
        .collect();
    let line = words.join(" ");
    let is_cut = arguments.len() > MAX_WORDS || line.chars().count() > MAX_COMMAND;
    let mut line: String = line.chars().take(MAX_COMMAND).collect();
    if is_cut {
        line.push_str(" …");
    }
    line
}

/// Of a long absolute path its end, which tells more than the folders that all of a run's paths begin with.
fn end_of_path(word: &str) -> Cow<'_, str> {
    if word.len() <= MAX_PATH || !word.starts_with('/') {
        return Cow::Borrowed(word);
    }
    let ends = word.rmatch_indices('/').map(|(at, _)| &word[at..]);
    let shown = ends.take_while(|end| end.len() <= MAX_PATH).last();
    shown.map_or(Cow::Borrowed(word), |end| Cow::Owned(format!("…{end}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Action;

    #[test]
    fn of_a_long_command_what_tells_most_is_shown() {
        let line =
            |words: &[&str]| command(&words.iter().map(|&w| w.to_owned()).collect::<Vec<_>>());
        assert_eq!(line(&["pip", "install", "./x"]), "pip install ./x");
        assert_eq!(
            line(&[
                "/home/somebody/projects/shop/.venv/bin/python3",
                "/home/somebody/projects/shop/.venv/lib/python3.11/site-packages/pip/_in_process.py",
                "build_wheel",
                "/tmp/tmp1"
            ]),
            "…/shop/.venv/bin/python3 …/pip/_in_process.py build_wheel /tmp/tmp1"
        );
        let long = format!("/{}", "x".repeat(200));
        assert!(line(&[&long]).ends_with("x …"));
    }

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
        let by =
            |finding: &BehaviourFinding| each(&events, finding, |entry| chain(&processes, entry));
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
    #[test]
    fn each_of_those_who_did_it_is_named_once() {
        let events: Vec<Event> = [0, 1, 0, 2, 3, 4]
            .map(|process| Event {
                time: 0,
                process: Some(process),
                action: Action::Exec,
            })
            .into();
        let finding = BehaviourFinding {
            rule: "a-rule",
            verdict: Verdict::Review,
            title: "does something",
            details: Vec::new(),
            events: (0..6).collect(),
        };
        // 3 was started as 2 was
        let words = |entry: usize| format!("program {}", if entry == 3 { 2 } else { entry });
        let by = |finding: &BehaviourFinding| each(&events, finding, words);
        let some = findings(std::slice::from_ref(&finding), false, 2, by);
        let told: Vec<&str> = some.lines().skip(1).map(str::trim).collect();
        assert_eq!(
            told,
            ["by program 0", "by program 1", "by program 2", "by 1 more"]
        );
        let all = findings(&[finding], true, 2, by);
        assert!(all.ends_with("by program 4\n"), "{all}");
    }
}
