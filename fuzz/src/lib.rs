//! What the targets ask of every answer.

use std::time::Duration;

use foretaste_model::facts::{FileFacts, ProblemKind};
use foretaste_model::{Limits, Span};

/// The product's limits, but for less time: what takes longer is slow, not merely large.
pub fn limits() -> Limits {
    Limits {
        file_time: Duration::from_secs(2),
        ..Limits::default()
    }
}

/// A span counts from 1, ends after it begins, and lies within the text.
pub fn check_span(text: &str, span: Span) {
    let lines = text.bytes().filter(|b| *b == b'\n').count() as u32 + 1;
    assert!(span.line >= 1 && span.column >= 1, "{span:?}");
    assert!((span.line, span.column) <= (span.end_line, span.end_column), "{span:?}");
    assert!(span.end_line <= lines, "{span:?} of {lines} lines");
}

/// Facts point at functions that exist, layers end, and no observer died.
pub fn check_facts(facts: &FileFacts) {
    check_layer(facts, 0);
}

fn check_layer(facts: &FileFacts, depth: u32) {
    assert!(depth < 12, "layers without an end");
    for problem in &facts.problems {
        assert_ne!(problem.kind, ProblemKind::ParserDied, "{}", problem.message);
    }
    let functions = facts.functions.len();
    let exists = |function: u32| function == 0 || (function as usize) < functions;
    assert!(facts.uses.iter().all(|u| exists(u.function)));
    assert!(facts.imports.iter().all(|i| exists(i.function)));
    assert!(facts.flows.iter().all(|f| exists(f.function) && !f.steps.is_empty()));
    assert!(facts.literals.iter().all(|l| exists(l.function)));
    assert!(facts.functions.iter().all(|f| f.parent.is_none_or(exists)));
    for layer in &facts.layers {
        check_layer(&layer.facts, depth + 1);
    }
}
