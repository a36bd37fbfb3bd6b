//! The ways in which names are imitated, one file each.

mod affix;
mod combination;
mod cross_ecosystem;
mod homoglyph;
mod scope;
mod separator;
mod typo;
mod word_order;

use foretaste_engine::NominationKind;

use crate::popular::PopularNames;
use crate::subject::Subject;

pub(crate) use cross_ecosystem::cross_ecosystem;
pub(crate) use typo::typo;

/// A listed name that a technique found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Hit {
    /// Its index in the list.
    pub(crate) index: u32,
    pub(crate) kind: NominationKind,
    pub(crate) similarity: f32,
}

/// The techniques that work within one list, the most telling first.
pub(crate) const ALL: [fn(&Subject, &PopularNames) -> Vec<Hit>; 7] = [
    homoglyph::homoglyph,
    separator::separator,
    word_order::word_order,
    scope::scope,
    typo::typo,
    affix::affix,
    combination::combination,
];
