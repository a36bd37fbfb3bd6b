//! Rust: enough of a reader for build scripts, procedural macros and small crates. Tokens, `use` declarations,
//! functions, and flows from statement to statement; types are not inferred.

mod flow;
mod lex;
mod paths;
mod value;

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, Language, ParseOutcome, ProblemKind};
use foretaste_observe::{Budget, FactsBuilder};

use crate::inner;

/// Files beyond this are cut.
const MAX_BYTES: usize = 4 << 20;

/// Reads a file. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or("");
    let mut facts = FactsBuilder::new(Language::Rust, head);
    // no grammar stands behind it
    facts.set_outcome(ParseOutcome::Fallback);
    let mut budget = Budget::for_file(head.len(), limits);
    let tokens = lex::lex(head);
    let (complete, found) = flow::follow(&tokens, head.len(), &mut facts, &mut budget);
    if !complete {
        facts.problem(
            ProblemKind::Budget,
            None,
            "too much code; the beginning was gone through",
        );
    }
    if end < text.len() {
        let message = format!("only the first {MAX_BYTES} bytes were read");
        facts.problem(ProblemKind::Truncated, None, &message);
    }
    inner::add(&mut facts, found, limits, depth);
    facts.finish()
}
