//! Code inside code: `sh -c '...'`, `python -c '...'`, decoded text that a shell runs. Each becomes a layer.

use foretaste_model::Limits;
use foretaste_model::facts::{FileFacts, Language};
use foretaste_observe::FactsBuilder;

use crate::script::{Inner, InnerLanguage};
use crate::{observe, shell};

/// Layers within layers that are read.
pub(crate) const MAX_DEPTH: u8 = 4;

/// Observes inner code and adds it as layers that run.
pub(crate) fn add(facts: &mut FactsBuilder<'_>, found: Vec<Inner>, limits: &Limits, depth: u8) {
    if depth >= MAX_DEPTH {
        return;
    }
    for piece in found {
        let inner = read(piece.language, &piece.code, limits, depth + 1);
        let silent = inner.uses.is_empty()
            && inner.flows.is_empty()
            && inner.literals.is_empty()
            // a file of the package that it loads may do more; where headers lie is asked of others
            && !inner.imports.iter().any(|i| i.module.starts_with("./") || i.module.starts_with("../"))
            && inner.layers.is_empty();
        if !silent {
            facts.layer(piece.steps, piece.range, true, inner);
        }
    }
}

fn read(language: InnerLanguage, code: &str, limits: &Limits, depth: u8) -> FileFacts {
    match language {
        InnerLanguage::Shell => shell::observe(code, limits, depth),
        InnerLanguage::PowerShell => observe::language(Language::PowerShell, code, limits, depth),
        InnerLanguage::Python => observe::language(Language::Python, code, limits, depth),
        InnerLanguage::JavaScript => observe::language(Language::JavaScript, code, limits, depth),
    }
}
