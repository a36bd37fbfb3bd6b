//! The beginning of a text that is too long.

use foretaste_model::facts::ProblemKind;
use foretaste_observe::FactsBuilder;

/// At most `bytes` bytes of a text.
pub(crate) fn of(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Tells that only the head of a text was read.
pub(crate) fn tell(facts: &mut FactsBuilder<'_>, head: &str, text: &str) {
    if head.len() < text.len() {
        let message = format!("only the first {} bytes were read", head.len());
        facts.problem(ProblemKind::Truncated, None, &message);
    }
}
