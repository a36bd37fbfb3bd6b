//! A popular name with a word behind it, or two popular names joined: `beautifulsoup-requests`, `torchtriton`.

use foretaste_engine::NominationKind;

use super::Hit;
use crate::fold::squash;
use crate::popular::PopularNames;
use crate::subject::Subject;

/// Honest extensions carry the name of what they extend. From this many on (`django-…`, `pytest-…`, `types-…`), one more
/// says nothing.
const FAMILY: u32 = 8;
/// Shorter words and less popular names are just words.
const SHORTEST: usize = 5;
const RANK: u32 = 5_000;

pub(super) fn combination(subject: &Subject, popular: &PopularNames) -> Vec<Hit> {
    let mut hits = Vec::new();
    if subject.scope.is_none() {
        extended(subject, popular, &mut hits);
        joined(subject, popular, &mut hits);
    }
    hits
}

/// A popular name and more words: the longest such beginning.
fn extended(subject: &Subject, popular: &PopularNames, hits: &mut Vec<Hit>) {
    let starts: &[usize] = if is_affix_before(subject) {
        &[0, 1]
    } else {
        &[0]
    };
    for &start in starts {
        for end in (start + 1..=subject.words.len()).rev() {
            let Some(part) = subject.words.get(start..end) else {
                continue;
            };
            if part.len() == subject.words.len() {
                continue;
            }
            let bare = squash(&part.concat());
            if bare.len() < SHORTEST
                || part
                    .first()
                    .is_some_and(|head| popular.family(head) >= FAMILY)
            {
                continue;
            }
            let numbered = popular
                .with_core(&bare)
                .filter(|index| is_numbered(popular, *index, &bare));
            let found = popular.with_squashed(&bare).chain(numbered);
            let before = hits.len();
            hits.extend(
                found
                    .filter(|i| popular.weight_of(*i) <= RANK)
                    .map(|index| Hit {
                        index,
                        kind: NominationKind::Combination,
                        similarity: 0.4
                            + 0.4 * bare.len() as f32 / subject.squashed.len().max(1) as f32,
                    }),
            );
            if hits.len() > before {
                return;
            }
        }
    }
}

/// True for `beautifulsoup4` and `beautifulsoup`.
fn is_numbered(popular: &PopularNames, index: u32, bare: &str) -> bool {
    let digits = popular
        .get(index)
        .and_then(|n| n.squashed.strip_prefix(bare));
    digits.is_some_and(|d| d.chars().all(|c| c.is_ascii_digit()))
}

fn is_affix_before(subject: &Subject) -> bool {
    matches!(
        subject.words.first().map(String::as_str),
        Some("python" | "py" | "node" | "nodejs" | "js" | "npm" | "rust" | "lib")
    )
}

/// One word made of two popular names.
fn joined(subject: &Subject, popular: &PopularNames, hits: &mut Vec<Hit>) {
    if subject.words.len() != 1 {
        return;
    }
    let name = &subject.squashed;
    let known = |part: &str| {
        popular
            .with_squashed(part)
            .find(|i| part.len() >= SHORTEST && popular.weight_of(*i) <= RANK)
    };
    for (at, _) in name.char_indices() {
        let (left, right) = name.split_at(at);
        if let (Some(a), Some(b)) = (known(left), known(right)) {
            hits.extend([a, b].map(|index| Hit {
                index,
                kind: NominationKind::Combination,
                similarity: 0.6,
            }));
        }
    }
}
