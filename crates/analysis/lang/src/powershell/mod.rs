//! PowerShell: a token scanner, folded strings, and flows from statement to statement.

mod flow;
mod fold;
mod lex;
mod value;

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, FunctionKind, Language, ParseOutcome, ProblemKind};
use foretaste_observe::FactsBuilder;

use crate::inner;

/// Scripts beyond this are cut.
const MAX_BYTES: usize = 2 << 20;

/// Reads a script. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or("");
    let mut facts = FactsBuilder::new(Language::PowerShell, head);
    // a scanner reads it, not a grammar
    facts.set_outcome(ParseOutcome::Fallback);
    facts.function(
        "<module>",
        FunctionKind::Module,
        (0, head.len() as u32),
        None,
    );
    let tokens = fold::fold(lex::lex(head));
    let found = flow::follow(&tokens, &mut facts);
    if end < text.len() {
        let message = format!("only the first {MAX_BYTES} bytes were read");
        facts.problem(ProblemKind::Truncated, None, &message);
    }
    inner::add(&mut facts, found, limits, depth);
    facts.finish()
}
