//! Ruby, PHP and Go: tree-sitter reads, a grammar's own file says what its nodes mean in the forms of [`tree`], and
//! one interpreter goes through them: names, constants, decoders, and what flows from where to where.

mod blocks;
mod call;
mod dialect;
mod effects;
mod files;
mod fold;
mod go;
mod hidden;
mod lower;
mod php;
mod ruby;
mod run;
mod scope;
mod tables;
mod tree;
mod value;

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, FunctionKind, Language, ParseOutcome, ProblemKind};
use foretaste_observe::nesting::{self, Shape};
use foretaste_observe::{Budget, FactsBuilder, tolerant};

pub(crate) use dialect::Dialect;

use crate::{head, inner, stack};

/// Files beyond this are cut.
const MAX_BYTES: usize = 2 << 20;

/// Reads a program. `depth` counts the layers around it.
pub(crate) fn observe(
    dialect: &'static Dialect,
    text: &str,
    limits: &Limits,
    depth: u8,
) -> FileFacts {
    stack::large(|| observe_here(dialect, text, limits, depth)).unwrap_or_else(|| FileFacts {
        language: dialect.language,
        outcome: ParseOutcome::Unreadable,
        ..FileFacts::default()
    })
}

fn observe_here(dialect: &'static Dialect, text: &str, limits: &Limits, depth: u8) -> FileFacts {
    let head = head::of(text, MAX_BYTES);
    let mut facts = FactsBuilder::new(dialect.language, head);
    facts.function(
        "<module>",
        FunctionKind::Module,
        (0, head.len() as u32),
        None,
    );
    let mut budget = Budget::for_file(head.len(), limits);
    let nesting = nesting::measure(head, &Shape::JAVASCRIPT);
    if nesting.is_hopeless() {
        facts.set_outcome(ParseOutcome::Unreadable);
        crate::text::literals(&mut facts, crate::text::Setting::Code);
        let at = Some((nesting.offset, nesting.offset));
        let message = format!(
            "{} brackets or {} operators within one another: not parsed",
            nesting.brackets, nesting.run
        );
        facts.problem(ProblemKind::TooDeep, at, &message);
        return facts.finish();
    }
    let Some(tree) = tolerant::parse(head.as_bytes(), &(dialect.grammar)(), limits) else {
        facts.set_outcome(ParseOutcome::Unreadable);
        crate::text::literals(&mut facts, crate::text::Setting::Code);
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
    let mut lower = lower::Lower::new(dialect, head, limits.nesting, &mut budget);
    let program = lower.node(tree.root_node());
    let deep = lower.too_deep;
    let told = lower.told;
    drop(tree);
    if let Some(offset) = deep {
        facts.problem(
            ProblemKind::TooDeep,
            Some((offset, offset)),
            &format!("nests deeper than {} levels", limits.nesting),
        );
        crate::text::literals(&mut facts, crate::text::Setting::Code);
    }
    let found = run::run(dialect, &program, told, &mut facts, &mut budget);
    if budget.is_exhausted() {
        facts.problem(
            ProblemKind::Budget,
            None,
            "too much code; the beginning was gone through",
        );
    }
    head::tell(&mut facts, head, text);
    if depth < inner::MAX_DEPTH {
        for piece in found {
            let read = observe(dialect, &piece.code, limits, depth + 1);
            facts.layer(piece.steps, piece.range, piece.executed, read);
        }
    }
    let mut facts = facts.finish();
    crate::commands::add(&mut facts, limits);
    facts
}

/// The language of a shebang's program, an extension, a hint.
pub(crate) const fn dialect_of(language: Language) -> Option<&'static Dialect> {
    match language {
        Language::Ruby => Some(&ruby::RUBY),
        Language::Php => Some(&php::PHP),
        Language::Go => Some(&go::GO),
        _ => None,
    }
}
