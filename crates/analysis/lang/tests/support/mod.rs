//! What the tests share.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::time::Duration;

use foretaste_lang::{STACK_BYTES, has_large_stack, observe};
use foretaste_model::facts::{FileFacts, FlowLink, ProblemKind};
use foretaste_model::{Limits, Stopwatch};

/// The processor time that one file may take, in any build.
pub(crate) const BAR: Duration = Duration::from_secs(10);

/// The longest that is waited for it on a busy machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// The facts of a text under a path.
pub(crate) fn facts(path: &str, text: &str) -> FileFacts {
    observe(path, text.as_bytes(), &Limits::default())
}

/// The chains of a file and its layers, as `source > transform > sink [link]`, sorted.
pub(crate) fn chains(facts: &FileFacts) -> Vec<String> {
    let mut found: Vec<String> = facts
        .flows
        .iter()
        .map(|f| {
            let steps: Vec<String> = f.steps.iter().map(|s| s.capability.to_string()).collect();
            let link = match f.link {
                FlowLink::Data => "",
                FlowLink::Resource => " [file]",
                FlowLink::Scope => " [order]",
            };
            format!("{}{link}", steps.join(" > "))
        })
        .collect();
    for layer in &facts.layers {
        found.extend(
            chains(&layer.facts)
                .into_iter()
                .map(|c| format!("{}: {c}", layer.steps.join("+"))),
        );
    }
    found.sort();
    found.dedup();
    found
}

/// Checks the chains of several texts; says which differ and how.
pub(crate) fn assert_chains(path: &str, cases: &[(&str, &[&str])]) {
    let mut wrong = Vec::new();
    for (text, expected) in cases {
        let found = chains(&facts(path, text));
        if found != *expected {
            wrong.push(format!("{text}\n   is {found:?}\n  not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Observes a file on a thread of its own, so that a hang is a failure with a name, and its time is that of nobody else.
pub(crate) fn in_time(path: &str, bytes: &[u8]) -> Result<FileFacts, String> {
    let (send, receive) = std::sync::mpsc::channel();
    let (path_there, bytes) = (path.to_owned(), bytes.to_vec());
    let work = move || {
        // everything happens on this thread, so that its clock tells all
        has_large_stack();
        let watch = Stopwatch::start();
        let facts = observe(&path_there, &bytes, &Limits::default());
        let _ = send.send((facts, watch.elapsed()));
    };
    std::thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(work)
        .map_err(|e| format!("{path}: {e}"))?;
    let (facts, took) = receive
        .recv_timeout(PATIENCE)
        .map_err(|e| format!("{path}: {e}"))?;
    if took >= BAR {
        return Err(format!("{path} took {took:?}"));
    }
    Ok(facts)
}

pub(crate) fn check(path: &str, bytes: &[u8]) -> FileFacts {
    let facts = in_time(path, bytes).unwrap_or_else(|why| panic!("{why}"));
    survived(path, bytes, &facts);
    facts
}

pub(crate) fn survived(path: &str, bytes: &[u8], facts: &FileFacts) {
    let died: Vec<_> = facts
        .problems
        .iter()
        .filter(|p| p.kind == ProblemKind::ParserDied)
        .collect();
    assert!(died.is_empty(), "{path}: {died:?}");
    assert_eq!(facts.shape.bytes, bytes.len() as u64, "{path}");
}

/// Checks that hostile files end in facts, in time, and that what must be told is told.
pub(crate) fn assert_survived(corpus: Vec<(String, Vec<u8>, Option<ProblemKind>)>) {
    let mut wrong = Vec::new();
    for (name, bytes, told) in corpus {
        let facts = match in_time(&name, &bytes) {
            Ok(facts) => facts,
            Err(hang) => {
                wrong.push(hang);
                continue;
            }
        };
        survived(&name, &bytes, &facts);
        if let Some(kind) = told
            && !facts.problems.iter().any(|p| p.kind == kind)
        {
            wrong.push(format!("{name}: no {kind:?} among {:?}", facts.problems));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
