//! Other separators, or none: `crossenv`, `uglify.js`, `prompt-tool-kit`.

use foretaste_engine::NominationKind;

use super::Hit;
use crate::popular::PopularNames;
use crate::subject::{Subject, scope};

pub(super) fn separator(subject: &Subject, popular: &PopularNames) -> Vec<Hit> {
    popular
        .with_squashed(&subject.squashed)
        .filter(|index| {
            // A scope that came or went is another technique.
            popular
                .get(*index)
                .is_some_and(|n| scope(n.written).is_some() == subject.scope.is_some())
        })
        .map(|index| Hit {
            index,
            kind: NominationKind::Separator,
            similarity: 0.98,
        })
        .collect()
}
