//! Many strings searched for at once, in few texts or in many.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Bytes searched after which a table that is dear to make, and fast to search with, has paid off.
const MANY_BYTES: usize = 512 << 10;

/// A list of strings.
pub(super) type List = &'static [&'static str];

/// A search for any string of two lists.
pub(super) struct Patterns {
    lists: [List; 2],
    ignore_case: bool,
    search: OnceLock<Option<AhoCorasick>>,
}

impl Patterns {
    /// A search for the strings of the first list and, behind them, of the second one.
    pub(super) const fn new(lists: [List; 2], ignore_case: bool) -> Self {
        Self {
            lists,
            ignore_case,
            search: OnceLock::new(),
        }
    }

    /// What searches a text.
    pub(super) fn search(&self) -> Option<&AhoCorasick> {
        let make = || {
            make(
                &self.lists,
                self.ignore_case,
                AhoCorasickKind::ContiguousNFA,
            )
        };
        self.search.get_or_init(make).as_ref()
    }
}

/// Tells in one pass that a text holds none of the strings of all the lists, whatever their case: nearly all texts hold none.
pub(super) struct Gate {
    lists: &'static [List],
    searched: AtomicUsize,
    compact: OnceLock<Option<AhoCorasick>>,
    fast: OnceLock<Option<AhoCorasick>>,
}

impl Gate {
    /// A gate for the strings of all the lists.
    pub(super) const fn new(lists: &'static [List]) -> Self {
        Self {
            lists,
            searched: AtomicUsize::new(0),
            compact: OnceLock::new(),
            fast: OnceLock::new(),
        }
    }

    /// False if none of the strings stands in the text. The answer is the same at any time; only its price changes.
    pub(super) fn opens_for(&self, text: &str) -> bool {
        let (table, kind) = if self.fast.get().is_some()
            || self.searched.fetch_add(text.len(), Ordering::Relaxed) >= MANY_BYTES
        {
            (&self.fast, AhoCorasickKind::DFA)
        } else {
            (&self.compact, AhoCorasickKind::ContiguousNFA)
        };
        let search = table.get_or_init(|| make(self.lists, true, kind));
        search.as_ref().is_none_or(|search| search.is_match(text))
    }
}

fn make(lists: &[List], ignore_case: bool, kind: AhoCorasickKind) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .ascii_case_insensitive(ignore_case)
        .kind(Some(kind))
        .build(lists.iter().copied().flatten())
        .ok()
}
