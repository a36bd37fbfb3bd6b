//! Searching a text for the few strings that make a place worth a closer look.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

/// A search for any of these, made for long texts with few of them.
///
/// Most of a text is skipped by vector instructions; they exist for leftmost matches only. No string may contain
/// another one, so that leftmost matches are all there are.
pub(crate) fn search<'p>(strings: impl IntoIterator<Item = &'p &'p str>) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(strings)
        .ok()
}

#[cfg(test)]
pub(crate) fn assert_apart(strings: &[&str]) {
    for a in strings {
        for b in strings {
            assert!(
                std::ptr::eq(a, b) || !a.contains(b),
                "`{a}` contains `{b}`, which would not be found"
            );
        }
    }
}
