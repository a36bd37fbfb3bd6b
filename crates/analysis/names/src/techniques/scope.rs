//! npm scopes dropped, added or imitated: `babel-core` for `@babel/core`, `@lodash/lodash` for `lodash`.

use foretaste_engine::NominationKind;

use super::Hit;
use crate::popular::PopularNames;
use crate::subject::{Subject, scope as scope_of};

/// Only copies of very popular packages under a foreign scope are worth a look: forks under a scope are common.
const RANK: u32 = 500;

pub(super) fn scope(subject: &Subject, popular: &PopularNames) -> Vec<Hit> {
    let kind = NominationKind::Scope;
    let moved = popular
        .with_squashed(&subject.squashed)
        .filter(|index| {
            popular
                .get(*index)
                .is_some_and(|n| scope_of(n.written).is_some() != subject.scope.is_some())
        })
        .map(|index| Hit {
            index,
            kind,
            similarity: 0.95,
        });
    let mut hits: Vec<Hit> = moved.collect();
    if subject.scope.is_none() {
        return hits;
    }
    let rest = subject.unscoped();
    let copied = popular.with_squashed(&rest);
    hits.extend(
        copied
            .filter(|index| rest.len() >= 4 && popular.weight_of(*index) <= RANK)
            .map(|index| Hit {
                index,
                kind,
                similarity: 0.6,
            }),
    );
    hits
}
