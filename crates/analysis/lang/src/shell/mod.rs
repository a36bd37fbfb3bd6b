//! POSIX shells: tree-sitter reads, [`crate::script`] understands.

mod walk;
mod word;

use std::ops::ControlFlow;
use std::time::Instant;

use foretaste_model::Limits;
use foretaste_model::facts::{
    FileFacts, FunctionKind, Language, ParseOutcome, Problem, ProblemKind,
};
use foretaste_observe::FactsBuilder;
use tree_sitter::{ParseOptions, Parser};

use crate::inner;
use crate::script::Engine;

/// Scripts beyond this carry an archive behind them; the rest is not parsed.
const MAX_BYTES: usize = 1 << 20;

/// Reads a script. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or("");
    let mut facts = FactsBuilder::new(Language::Shell, head);
    facts.function(
        "<module>",
        FunctionKind::Module,
        (0, head.len() as u32),
        None,
    );
    let started = Instant::now();
    let mut stop = |_: &tree_sitter::ParseState| {
        if started.elapsed() > limits.file_time {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    let mut parser = Parser::new();
    let bytes = head.as_bytes();
    let tree = parser
        .set_language(&tree_sitter_bash::LANGUAGE.into())
        .ok()
        .and_then(|()| {
            parser.parse_with_options(
                &mut |at, _| bytes.get(at..).unwrap_or(&[]),
                None,
                Some(ParseOptions::new().progress_callback(&mut stop)),
            )
        });
    let Some(tree) = tree else {
        facts.set_outcome(ParseOutcome::Unreadable);
        facts.problem(
            ProblemKind::Budget,
            None,
            "parsing took longer than a file may",
        );
        return facts.finish();
    };
    if tree.root_node().has_error() {
        facts.set_outcome(ParseOutcome::Fallback);
    }
    let mut engine = Engine::new(&mut facts);
    let walked = walk::walk(&tree, head, &mut engine, limits);
    let found = std::mem::take(&mut engine.inner);
    if !walked {
        facts.problem(
            ProblemKind::Budget,
            None,
            "too many commands; the first ones were gone through",
        );
    }
    inner::add(&mut facts, found, limits, depth);
    let mut facts = facts.finish();
    if end < text.len() {
        facts.problems.push(Problem {
            kind: ProblemKind::Truncated,
            span: None,
            message: format!("only the first {MAX_BYTES} bytes were parsed").into(),
        });
    }
    facts
}
