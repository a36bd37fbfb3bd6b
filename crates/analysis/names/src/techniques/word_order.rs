//! The same words in another order: `nmap-python`, `import-mysql`.

use foretaste_engine::NominationKind;

use super::Hit;
use crate::popular::PopularNames;
use crate::subject::Subject;

pub(super) fn word_order(subject: &Subject, popular: &PopularNames) -> Vec<Hit> {
    popular
        .with_words(&subject.words)
        .map(|index| Hit {
            index,
            kind: NominationKind::WordOrder,
            similarity: 0.9,
        })
        .collect()
}
