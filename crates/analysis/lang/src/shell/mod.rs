//! POSIX shells: tree-sitter reads, [`crate::script`] understands.

mod walk;
mod word;

use std::borrow::Cow;

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, FunctionKind, Language, ParseOutcome, ProblemKind};
use foretaste_observe::{FactsBuilder, tolerant};

use crate::script::Engine;
use crate::{head, inner};

/// Scripts beyond this carry an archive behind them; the rest is not parsed.
const MAX_BYTES: usize = 1 << 20;

/// Pipes in one statement that the parser is given: its time grows with their square.
const MAX_PIPES: usize = 1_000;

/// Reads a script. `depth` counts the layers around it.
pub(crate) fn observe(text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let head = head::of(text, MAX_BYTES);
    let mut facts = FactsBuilder::new(Language::Shell, head);
    facts.function(
        "<module>",
        FunctionKind::Module,
        (0, head.len() as u32),
        None,
    );
    let guarded = guard(head);
    if let Some((_, offset)) = guarded {
        let message = format!("more than {MAX_PIPES} pipes in one statement: not parsed");
        facts.problem(ProblemKind::TooDeep, Some((offset, offset)), &message);
        facts.set_outcome(ParseOutcome::Fallback);
        crate::text::literals(&mut facts, crate::text::Setting::Code);
    }
    // shells ignore NUL characters; the parser would try to recover from each one
    let mut source = guarded.map_or(Cow::Borrowed(head), |(text, _)| Cow::Owned(text));
    if source.contains('\0') {
        source = Cow::Owned(source.replace('\0', " "));
    }
    // the grammar's scanner asks the C library about each character, which looks beyond its table for most of Unicode and
    // dies of it; to a shell they are letters of a word
    let letters: Vec<u8> = source
        .bytes()
        .map(|b| if b.is_ascii() { b } else { b'x' })
        .collect();
    let Some(tree) = tolerant::parse(&letters, &tree_sitter_bash::LANGUAGE.into(), limits) else {
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
    let walked = walk::walk(&tree, &source, &mut engine, limits);
    let found = std::mem::take(&mut engine.inner);
    if !walked {
        facts.problem(
            ProblemKind::Budget,
            None,
            "too many commands; the first ones were gone through",
        );
    }
    inner::add(&mut facts, found, limits, depth);
    head::tell(&mut facts, head, text);
    facts.finish()
}

/// The text with blanks in place of statements that would cost the parser too much, and where the first one stands.
fn guard(text: &str) -> Option<(String, u32)> {
    let bytes = text.as_bytes();
    let mut blanked: Option<(Vec<u8>, u32)> = None;
    let (mut start, mut pipes, mut last) = (0, 0, b'\n');
    for (at, byte) in bytes.iter().copied().chain([b'\n']).enumerate() {
        let ends = byte == b'\n' && !matches!(last, b'|' | b'&' | b'\\')
            || byte == b';'
            || at == bytes.len();
        if ends {
            if pipes > MAX_PIPES {
                let (copy, _) = blanked.get_or_insert_with(|| (bytes.to_vec(), start as u32));
                for byte in copy
                    .iter_mut()
                    .take(at)
                    .skip(start)
                    .filter(|b| **b != b'\n')
                {
                    *byte = b' ';
                }
            }
            (start, pipes) = (at + 1, 0);
        } else if matches!(byte, b'|' | b'&') {
            pipes += 1;
        }
        if !matches!(byte, b' ' | b'\t' | b'\r') {
            last = byte;
        }
    }
    let (copy, offset) = blanked?;
    Some((String::from_utf8(copy).ok()?, offset))
}
