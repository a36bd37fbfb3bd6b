//! PowerShell: a token scanner, folded strings, and flows from statement to statement.

mod flow;
mod fold;
mod lex;
mod value;

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, FunctionKind, Language, ParseOutcome};
use foretaste_observe::FactsBuilder;

use crate::{head, inner};

/// Scripts beyond this are cut.
const MAX_BYTES: usize = 2 << 20;

/// Reads a script. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let head = head::of(text, MAX_BYTES);
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
    head::tell(&mut facts, head, text);
    inner::add(&mut facts, found, limits, depth);
    facts.finish()
}
