//! Many strings searched for at once, in few texts or in many.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Bytes searched after which a table that is dear to make, and fast to search with, has paid off.
const MANY_BYTES: usize = 512 << 10;

/// A search for any string of two lists. The matches are the same at any time; only their price changes.
pub(super) struct Patterns {
    lists: [&'static [&'static str]; 2],
    ignore_case: bool,
    searched: AtomicUsize,
    compact: OnceLock<Option<AhoCorasick>>,
    fast: OnceLock<Option<AhoCorasick>>,
}

impl Patterns {
    /// A search for the strings of the first list and, behind them, of the second one.
    pub(super) const fn new(lists: [&'static [&'static str]; 2], ignore_case: bool) -> Self {
        Self {
            lists,
            ignore_case,
            searched: AtomicUsize::new(0),
            compact: OnceLock::new(),
            fast: OnceLock::new(),
        }
    }

    /// What searches a text of `bytes` bytes.
    pub(super) fn for_text(&self, bytes: usize) -> Option<&AhoCorasick> {
        if let Some(fast) = self.fast.get() {
            return fast.as_ref();
        }
        if self.searched.fetch_add(bytes, Ordering::Relaxed) < MANY_BYTES {
            let make = || self.make(AhoCorasickKind::ContiguousNFA);
            self.compact.get_or_init(make).as_ref()
        } else {
            let make = || self.make(AhoCorasickKind::DFA);
            self.fast.get_or_init(make).as_ref()
        }
    }

    fn make(&self, kind: AhoCorasickKind) -> Option<AhoCorasick> {
        AhoCorasick::builder()
            .ascii_case_insensitive(self.ignore_case)
            .kind(Some(kind))
            .build(self.lists.iter().copied().flatten())
            .ok()
    }
}
