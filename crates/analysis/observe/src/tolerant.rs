//! Trees of tolerant grammars, within the time of a file.

use std::ops::ControlFlow;

use foretaste_model::{Limits, Stopwatch};
use tree_sitter::{Language, ParseOptions, ParseState, Parser, Tree};

/// Parses a text with a tree-sitter grammar; nothing if that took longer than `limits.file_time`.
///
/// Recovering from errors in hostile text can take more than linear time, and each level of nesting about a kilobyte:
/// ask [`Nesting::is_hopeless`](crate::nesting::Nesting::is_hopeless) before.
pub fn parse(text: &[u8], grammar: &Language, limits: &Limits) -> Option<Tree> {
    let mut parser = Parser::new();
    parser.set_language(grammar).ok()?;
    let started = Stopwatch::start();
    let mut watch = |_: &ParseState| {
        if started.exceeds(limits.file_time) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    parser.parse_with_options(
        &mut |at, _| text.get(at..).unwrap_or(&[]),
        None,
        Some(ParseOptions::new().progress_callback(&mut watch)),
    )
}
