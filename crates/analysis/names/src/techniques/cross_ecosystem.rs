//! Popular names of other ecosystems: `lodash` on PyPI, `numpy` on npm, and their slips.

use foretaste_engine::NominationKind;

use super::{Hit, typo};
use crate::popular::PopularNames;
use crate::subject::{Subject, scope};

/// Beyond this rank a name of another ecosystem is no draw.
const RANK: u32 = 1_000;
const SHORTEST: usize = 5;
/// How alike a slip must be.
const SLIP: f32 = 0.85;

/// Looks the subject up in another ecosystem's list.
pub(crate) fn cross_ecosystem(subject: &Subject, popular: &PopularNames) -> Vec<Hit> {
    if subject.squashed.len() < SHORTEST || subject.scope.is_some() {
        return Vec::new();
    }
    let same = popular.with_squashed(&subject.squashed).map(|index| Hit {
        index,
        kind: NominationKind::CrossEcosystem,
        similarity: 0.9,
    });
    let mut hits: Vec<Hit> = same.collect();
    if hits.is_empty() {
        let slips = typo(subject, popular)
            .into_iter()
            .filter(|hit| hit.similarity >= SLIP);
        hits.extend(slips.map(|hit| Hit {
            kind: NominationKind::CrossEcosystem,
            similarity: hit.similarity * 0.9,
            ..hit
        }));
    }
    hits.retain(|hit| {
        let is_scoped = popular
            .get(hit.index)
            .is_some_and(|n| scope(n.written).is_some());
        !is_scoped && popular.weight_of(hit.index) <= RANK
    });
    hits
}
