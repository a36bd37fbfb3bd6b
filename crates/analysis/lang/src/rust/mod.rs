//! Rust: enough of a reader for build scripts, procedural macros and small crates. Tokens, `use` declarations,
//! functions, and flows from statement to statement; types are not inferred.

mod builders;
mod calls;
mod crates;
mod csharp;
mod fields;
mod flow;
mod fold;
mod lex;
mod paths;
mod places;
mod secrets;
mod sinks;
mod starts;
mod storage;
mod value;
mod walk;

pub use crates::{RustPath, crates_named, paths_named};

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, Language, ParseOutcome, ProblemKind};
use foretaste_observe::{Budget, FactsBuilder};

use self::calls::Summary;
use self::fold::Folder;
use crate::{head, inner};

/// How often a file is gone through at most: functions that call functions that call a function.
const MAX_PASSES: u32 = 3;

/// Files beyond this are cut.
const MAX_BYTES: usize = 4 << 20;

/// Reads a file. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    observe_as(Language::Rust, text, limits, depth)
}

/// Reads the C# of an inline task. `depth` counts the layers around it.
pub(crate) fn observe_csharp(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    observe_as(Language::Unknown, text, limits, depth)
}

fn observe_as(language: Language, text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let is_rust = language == Language::Rust;
    let head = head::of(text, MAX_BYTES);
    let mut budget = Budget::for_file(head.len(), limits);
    let tokens = if is_rust {
        lex::lex(head)
    } else {
        csharp::tokens(head)
    };
    let mut known = Summary::default();
    let mut passes = 1;
    let (mut facts, pass) = loop {
        let mut facts = FactsBuilder::new(language, head);
        // no grammar stands behind it
        facts.set_outcome(ParseOutcome::Fallback);
        let mut folder = Folder::new(&tokens);
        let pass = walk::follow(
            &tokens,
            head.len(),
            &mut facts,
            &mut budget,
            &mut folder,
            (&known, is_rust),
        );
        // a function may be called before it is defined
        if pass.complete && passes < MAX_PASSES && pass.summary.says_more_than(&known) {
            known = pass.summary;
            passes += 1;
            continue;
        }
        break (facts, pass);
    };
    if !pass.complete {
        facts.problem(
            ProblemKind::Budget,
            None,
            "too much code; the beginning was gone through",
        );
    }
    head::tell(&mut facts, head, text);
    let mut inner = pass.inner;
    if !is_rust {
        inner.extend(csharp::lines(&tokens));
    }
    inner::add(&mut facts, inner, limits, depth);
    facts.finish()
}
