//! Look-alikes: `1odash`, `rnoment`, letters of other scripts, invisible characters.

use foretaste_engine::NominationKind;

use super::Hit;
use crate::popular::PopularNames;
use crate::subject::Subject;

/// In shorter names a look-alike digit is most often just a digit.
const SHORTEST: usize = 4;

pub(super) fn homoglyph(subject: &Subject, popular: &PopularNames) -> Vec<Hit> {
    let kind = NominationKind::Homoglyph;
    if subject.is_disguised
        && let Some(index) = popular.find(&subject.name)
    {
        return vec![Hit {
            index,
            kind,
            similarity: 1.0,
        }];
    }
    if subject.skeleton.len() < SHORTEST {
        return Vec::new();
    }
    let differs = |index: &u32| {
        popular
            .get(*index)
            .is_some_and(|n| *n.squashed != *subject.squashed)
    };
    popular
        .with_skeleton(&subject.skeleton)
        .filter(differs)
        .map(|index| Hit {
            index,
            kind,
            similarity: 0.97,
        })
        .collect()
}
