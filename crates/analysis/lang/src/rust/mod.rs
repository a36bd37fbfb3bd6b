//! Rust: enough of a reader for build scripts, procedural macros and small crates. Tokens, `use` declarations,
//! functions, and flows from statement to statement; types are not inferred.

mod crates;
mod flow;
mod lex;
mod paths;
mod storage;
mod value;

pub use crates::{RustPath, crates_named, paths_named};

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, Language, ParseOutcome, ProblemKind};
use foretaste_observe::{Budget, FactsBuilder};

use crate::{head, inner};

/// Files beyond this are cut.
const MAX_BYTES: usize = 4 << 20;

/// Reads a file. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let head = head::of(text, MAX_BYTES);
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
    head::tell(&mut facts, head, text);
    inner::add(&mut facts, found, limits, depth);
    facts.finish()
}
