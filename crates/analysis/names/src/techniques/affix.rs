//! Words and syllables put before or behind: `typescriptjs`, `requests-darwin-lite`, `urllib` for `urllib3`.

use foretaste_engine::NominationKind;

use super::Hit;
use crate::popular::PopularNames;
use crate::subject::Subject;

/// What is shorter could be anything.
const SHORTEST: usize = 4;

pub(super) fn affix(subject: &Subject, popular: &PopularNames) -> Vec<Hit> {
    let hit = |index: u32, bare: &str, scale: f32| {
        let length = popular.get(index).map_or(1, |n| n.squashed.len());
        let (short, long) = (
            bare.len().min(length),
            subject.squashed.len().max(length).max(1),
        );
        Hit {
            index,
            kind: NominationKind::Affix,
            similarity: scale * (0.5 + 0.5 * short as f32 / long as f32),
        }
    };
    let mut hits = Vec::new();
    if let Some(core) = subject
        .core
        .as_deref()
        .filter(|core| core.len() >= SHORTEST)
    {
        // The affix was added …
        hits.extend(popular.with_squashed(core).map(|i| hit(i, core, 0.95)));
        // … or exchanged.
        hits.extend(popular.with_core(core).map(|i| hit(i, core, 0.85)));
    }
    if subject.squashed.len() >= SHORTEST {
        // … or left out.
        let bare = &subject.squashed;
        hits.extend(popular.with_core(bare).map(|i| hit(i, bare, 0.95)));
    }
    hits
}
