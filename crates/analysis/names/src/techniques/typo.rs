//! Slips: a letter added, dropped, changed, doubled or swapped.

use foretaste_engine::NominationKind;

use super::Hit;
use crate::cost::{allowance, cost};
use crate::popular::PopularNames;
use crate::subject::{Subject, words};

/// From this many names on that begin with the same word, the word is a family's (`django-`, `types-`): the rest of the
/// name is what is compared.
const FAMILY: u32 = 8;

/// Short names collide by chance; only those of very popular packages are worth imitating.
const SHORT: usize = 5;
const RANK_OF_SHORT: u32 = 1_000;
/// What costs more than this is two slips. Readers overlook two only where they expect a name, which a popular or a long
/// one makes likely; long names do not collide by chance either.
const ONE_SLIP: f32 = 1.2;
const RANK_OF_EXPECTED: u32 = 3_000;
const LONG: usize = 9;

pub(crate) fn typo(subject: &Subject, popular: &PopularNames) -> Vec<Hit> {
    let whole = Some(subject.squashed.as_str());
    // Behind an affix one slip is enough: `ethetsjs` for `ethers`. A core that is a listed name needs no slip.
    let core = subject
        .core
        .as_deref()
        .filter(|core| core.len() >= 5 && popular.with_squashed(core).next().is_none());
    let mut hits = Vec::new();
    for (written, discount, most) in [(whole, 0.0, 2.0_f32), (core, 0.1, ONE_SLIP)] {
        let Some(written) = written else { continue };
        for index in popular.neighbourhood(written) {
            let Some(target) = popular.get(index) else {
                continue;
            };
            let letters = compared_letters(subject, target.written, target.squashed.len(), popular);
            let rank = popular.weight_of(index);
            if target.squashed.len() <= SHORT && rank > RANK_OF_SHORT {
                continue;
            }
            let is_expected = rank <= RANK_OF_EXPECTED || letters >= LONG;
            let expected = if is_expected { 2.0 } else { ONE_SLIP };
            let most = most.min(allowance(letters)).min(expected);
            let Some(cost) = cost(written.as_bytes(), target.squashed.as_bytes(), most) else {
                continue;
            };
            if cost > 0.0 {
                hits.push(Hit {
                    index,
                    kind: kind(subject, target.written),
                    similarity: 1.0 - cost / (target.squashed.len().max(4) as f32) - discount,
                });
            }
        }
    }
    hits
}

/// A slip in the scope alone is an imitated scope.
fn kind(subject: &Subject, target: &str) -> NominationKind {
    let rest = |name: &str| name.split_once('/').map(|(_, rest)| rest.to_owned());
    if subject.scope.is_some() && rest(&subject.name) == rest(target) {
        NominationKind::Scope
    } else {
        NominationKind::Typo
    }
}

/// How many letters of the target the reader really compares: without the words at its beginning that both names share,
/// if they are a family's.
fn compared_letters(
    subject: &Subject,
    target: &str,
    letters: usize,
    popular: &PopularNames,
) -> usize {
    let mut shared = 0;
    for (mine, theirs) in subject.words.iter().zip(words(target)) {
        if mine != theirs || (shared == 0 && popular.family(mine) < FAMILY) {
            break;
        }
        shared += mine.len();
    }
    letters.saturating_sub(shared)
}
