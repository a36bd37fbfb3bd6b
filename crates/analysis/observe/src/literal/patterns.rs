//! Many strings searched for at once, in few texts or in many.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

pub(super) use super::starts::List;
use super::starts::Starts;

/// Bytes searched after which a table that is dear to make, and fast to search with, has paid off.
const MANY_BYTES: usize = 512 << 10;

/// A search for any string of two lists, whatever its case, in the few texts that passed a gate.
pub(super) struct Patterns {
    lists: [List; 2],
    search: OnceLock<Starts>,
}

impl Patterns {
    /// A search for the strings of the first list and, behind them, of the second one.
    pub(super) const fn new(lists: [List; 2]) -> Self {
        Self {
            lists,
            search: OnceLock::new(),
        }
    }

    /// Number, begin and end of each string in a text; they may overlap.
    pub(super) fn find(&self, text: &str) -> impl Iterator<Item = (usize, usize, usize)> {
        let search = self.search.get_or_init(|| Starts::new(&self.lists));
        search.find(text)
    }
}

/// Tells in one pass that a text holds none of the strings of all the lists, whatever their case: nearly all texts hold none.
pub(super) struct Gate {
    lists: &'static [List],
    searched: AtomicUsize,
    quick: OnceLock<Starts>,
    fast: OnceLock<Option<AhoCorasick>>,
}

impl Gate {
    /// A gate for the strings of all the lists.
    pub(super) const fn new(lists: &'static [List]) -> Self {
        Self {
            lists,
            searched: AtomicUsize::new(0),
            quick: OnceLock::new(),
            fast: OnceLock::new(),
        }
    }

    /// False if none of the strings stands in the text. The answer is the same at any time; only its price changes.
    pub(super) fn opens_for(&self, text: &str) -> bool {
        let is_much = self.fast.get().is_some()
            || self.searched.fetch_add(text.len(), Ordering::Relaxed) >= MANY_BYTES;
        let fast = is_much.then(|| self.fast.get_or_init(|| automaton(self.lists)));
        if let Some(Some(fast)) = fast {
            return fast.is_match(text);
        }
        let quick = self.quick.get_or_init(|| Starts::new(self.lists));
        quick.find(text).next().is_some()
    }
}

fn automaton(lists: &[List]) -> Option<AhoCorasick> {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .kind(Some(AhoCorasickKind::DFA))
        .build(lists.iter().copied().flatten())
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_opens_for_the_same_texts_at_any_time() {
        let texts = ["cat ~/.SSH/id_rsa", "CURL -", "a|sh", "nothing", "", "ab"];
        let gate = Gate::new(&[&[".ssh/", "curl -"], &["|sh"]]);
        let before = texts.map(|text| gate.opens_for(text));
        gate.opens_for(&" ".repeat(MANY_BYTES));
        assert_eq!(before, [true, true, true, false, false, false]);
        assert_eq!(before, texts.map(|text| gate.opens_for(text)));
        assert!(gate.fast.get().is_some());
    }
}
