//! What can be said of any text: its shape, its strange characters, whether a person wrote it, what it names.

use foretaste_model::facts::{Language, ParseOutcome};
use foretaste_observe::FactsBuilder;

mod instructions;
mod literals;
mod nature;
mod shape;
mod unicode;

pub(crate) use instructions::instructions;
pub(crate) use literals::literals;
pub(crate) use nature::nature;
pub(crate) use shape::{entropy, shape};
pub(crate) use unicode::{Setting, oddities};

/// Text without a grammar here: its literals, to which a reader may add.
pub(crate) fn scanned(language: Language, text: &str, setting: Setting) -> FactsBuilder<'_> {
    let mut builder = FactsBuilder::new(language, text);
    builder.set_outcome(ParseOutcome::Scanned);
    literals(&mut builder, setting);
    builder
}
