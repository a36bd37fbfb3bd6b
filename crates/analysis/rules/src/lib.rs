//! Every rule of Foretaste, one file each, grouped in folders. A rule's module documentation is its web page;
//! its cases stand beside it in `cases/<rule>.md`.

mod archive;
mod chain;
mod change;
mod clone;
mod code;
mod hygiene;
mod indicators;
mod install;
mod known;
mod name;
mod obfuscation;
mod publisher;
mod source;
mod variables;

use foretaste_engine::AnyRule;
use foretaste_model::RuleMeta;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// Every rule, grouped as in the reference.
pub fn all() -> Vec<AnyRule> {
    [
        known::RULES,
        clone::RULES,
        chain::RULES,
        obfuscation::RULES,
        install::RULES,
        archive::RULES,
        name::RULES,
        change::RULES,
        publisher::RULES,
        source::RULES,
        hygiene::RULES,
    ]
    .concat()
}

/// The declaration of a rule.
pub fn meta(id: &str) -> Option<&'static RuleMeta> {
    all().into_iter().map(AnyRule::meta).find(|m| m.id.0 == id)
}

/// The page of a rule, in Markdown.
pub fn page(id: &str) -> Option<&'static str> {
    let index = PAGES
        .binary_search_by(|(page, _, _)| (*page).cmp(id))
        .ok()?;
    Some(PAGES[index].2)
}
