//! Code that cannot be read any more, or is new and never could be.

use foretaste_model::change::{ConcealedFile, Concealment};
use foretaste_model::facts::{FileFacts, FileNature, LiteralKind, ParseOutcome, UnicodeOddityKind};
use foretaste_model::{EvidenceRole, ExecutionContext, Span};

use super::pair::{Pair, key};
use crate::hidden::is_out_of_view;

/// Characters from which a text that only a decoder reads counts.
const LONG_TEXT: u32 = 2_000;
/// Blanks before code on one line.
const FAR: u32 = 120;
/// Share of unreadable names, in percent.
const MANGLED_PERCENT: u32 = 30;

/// Every file that hides now and did not before.
pub(super) fn of(pair: &Pair<'_>) -> Vec<ConcealedFile> {
    let usual: Vec<Concealment> = pair
        .old
        .artifact
        .files
        .iter()
        .flat_map(|f| ways(&f.facts))
        .map(|(how, _)| how)
        .collect();
    let mut found = Vec::new();
    for view in pair.new.files().filter(|v| !pair.is_known(v)) {
        let before = pair.old.by_key.get(&key(view.path()));
        let before = before.map(|i| &pair.old.artifact.files[*i].facts);
        for (how, span) in ways(view.facts) {
            if before.is_some_and(|facts| ways(facts).iter().any(|(known, _)| *known == how)) {
                continue;
            }
            let contexts = (0..view.facts.functions.len().max(1) as u32)
                .map(|function| pair.context(&view, function));
            found.push(ConcealedFile {
                how,
                context: contexts.min().unwrap_or(ExecutionContext::Called),
                file_is_new: pair.is_new(&view),
                is_usual: usual.contains(&how),
                bytes: view.facts.shape.bytes,
                evidence: view.evidence(span, EvidenceRole::Site, how.phrase()),
            });
        }
    }
    found
}

/// The ways in which code hides, each with a place.
fn ways(facts: &FileFacts) -> Vec<(Concealment, Span)> {
    if !facts.language.is_program_text() {
        return Vec::new();
    }
    let top = Span::on_line(1, 1, 1);
    let mut ways = Vec::new();
    let hidden = facts
        .unicode
        .iter()
        .find(|u| u.kind == UnicodeOddityKind::HiddenData);
    if let Some(oddity) = hidden {
        ways.push((Concealment::InvisibleText, oddity.span));
    }
    let names = facts.identifiers;
    let odd = names.not_nfkc.max(names.confusable) + names.hex_mangled + names.random;
    if names.total >= 5 && odd >= 4 && odd * 100 >= names.total * MANGLED_PERCENT {
        ways.push((Concealment::MangledNames, top));
    }
    let opaque = facts.literals.iter().find(|l| {
        matches!(l.kind, LiteralKind::Encoded | LiteralKind::Opaque) && l.length >= LONG_TEXT
    });
    if let Some(literal) = opaque {
        ways.push((Concealment::LongOpaqueText, literal.span));
    }
    if facts.shape.longest_indent >= FAR && facts.nature == FileNature::Source {
        let far = facts.uses.iter().find(|u| is_out_of_view(u, &facts.shape));
        ways.push((Concealment::OutOfView, far.map_or(top, |u| u.span)));
    }
    if facts.outcome == ParseOutcome::Unreadable {
        ways.push((Concealment::Unreadable, top));
    }
    if facts.nature == FileNature::Minified {
        ways.push((Concealment::Minified, top));
    }
    ways
}
