//! Every rule has a page with all sections, and cases that make it fire, keep it silent and try to evade it.
#![expect(
    clippy::disallowed_methods,
    reason = "the test reads the crate's own case files"
)]

use foretaste_behaviour::rules::{self, RULES};
use foretaste_behaviour::{Action, Event, Process, Record};
use serde_json::Value;

/// A record with what the lines say.
fn record(lines: &str) -> Result<Record, serde_json::Error> {
    let mut record = Record::default();
    for (time, line) in (0..).zip(lines.lines()) {
        let mut line: Value = serde_json::from_str(line)?;
        if line.get("event").is_none() {
            let mut process: Process = serde_json::from_value(line)?;
            process.pid = time as u32 + 1;
            record.start(time, process);
            continue;
        }
        line["time"] = time.into();
        let event: Event = serde_json::from_value(line)?;
        if let Action::Write { path } = &event.action {
            record.write(event.process, path.clone());
        }
        record.add(time, event.process, event.action);
    }
    Ok(record)
}

#[test]
fn every_case_holds() {
    let mut failures = Vec::new();
    for rule in RULES {
        let id = rule.meta.id.0;
        let path = format!("src/rules/cases/{id}.md");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let (mut fires, mut silent, mut evasions) = (0, 0, 0);
        for case in text.split("\n## ").skip(1) {
            let (title, rest) = case.split_once("\n```jsonl ").expect("a fence");
            let (expected, lines) = rest.split_once('\n').expect("a head");
            let lines = lines.split("\n```").next().expect("an end");
            let record = record(lines).unwrap_or_else(|e| panic!("{path}, {title}: {e}"));
            let found = rules::judge(&record).iter().any(|f| f.rule == id);
            if found != (expected == "fires") {
                failures.push(format!("{id} · {title}: fires: {found}"));
            }
            fires += usize::from(expected == "fires");
            silent += usize::from(expected == "silent");
            evasions += usize::from(title.starts_with("evasion:"));
        }
        if fires == 0 || silent == 0 || evasions == 0 {
            failures.push(format!(
                "{id}: needs a firing, a silent and an evading case"
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_rule_has_a_page_with_all_sections() {
    for rule in RULES {
        let id = rule.meta.id.0;
        let page = rules::page(id).unwrap_or_else(|| panic!("{id} has no page"));
        assert!(page.starts_with("# "), "{id}: the page begins with a title");
        for section in [
            "## What it finds",
            "## Why it matters",
            "## What to do",
            "## When it is wrong",
        ] {
            assert!(page.contains(section), "{id}: the page lacks `{section}`");
        }
        assert_eq!(rules::declared(id), Some(&rule.meta));
    }
}

#[test]
fn ids_are_unique() {
    let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.meta.id.0).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), RULES.len());
}
