//! Interned strings: constants of the source, folded ones, property names.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

/// An interned string. [`StrId::NONE`] stands for "no known text", [`StrId::VARIES`] for "several".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct StrId(pub(crate) u32);

impl StrId {
    /// No known text.
    pub(crate) const NONE: Self = Self(0);
    /// Different texts met.
    pub(crate) const VARIES: Self = Self(u32::MAX);

    /// True if it names a text.
    pub(crate) const fn is_text(self) -> bool {
        self.0 != 0 && self.0 != u32::MAX
    }
}

/// Stands in a folded text for a part that is not known.
pub(crate) const HOLE: char = '\u{fffc}';

/// The strings of one file.
#[derive(Debug)]
pub(crate) struct Strings<'a> {
    list: Vec<Cow<'a, str>>,
    known: FxHashMap<Cow<'a, str>, StrId>,
    /// Bytes that folding may still make.
    budget: usize,
}

impl<'a> Strings<'a> {
    /// The longest folded text.
    pub(crate) const MAX_FOLD: usize = 4 << 20;

    pub(crate) fn new(source_bytes: usize) -> Self {
        Self {
            list: vec![Cow::Borrowed("")],
            known: FxHashMap::default(),
            budget: (16 << 20) + source_bytes.saturating_mul(4),
        }
    }

    /// Interns a string of the source.
    pub(crate) fn intern(&mut self, text: &'a str) -> StrId {
        self.add(Cow::Borrowed(text))
    }

    /// Interns a folded string; nothing if folding has used up its budget.
    pub(crate) fn fold(&mut self, text: String) -> StrId {
        if let Some(known) = self.known.get(&*text) {
            return *known;
        }
        if text.len() > Self::MAX_FOLD || text.len() + 16 > self.budget {
            return StrId::NONE;
        }
        self.budget -= text.len() + 16;
        self.add(Cow::Owned(text))
    }

    fn add(&mut self, text: Cow<'a, str>) -> StrId {
        if let Some(known) = self.known.get(&text) {
            return *known;
        }
        let id = StrId(self.list.len() as u32);
        self.list.push(text.clone());
        self.known.insert(text, id);
        id
    }

    /// The text of an id; empty for [`StrId::NONE`] and [`StrId::VARIES`].
    pub(crate) fn get(&self, id: StrId) -> &str {
        self.list.get(id.0 as usize).map_or("", |s| s)
    }

    /// The text of an id, without a borrow of the interner where it stands in the source.
    pub(crate) fn cow(&self, id: StrId) -> Cow<'a, str> {
        self.list.get(id.0 as usize).cloned().unwrap_or_default()
    }

    /// The text of an id, if it is known without a hole.
    pub(crate) fn constant(&self, id: StrId) -> Option<&str> {
        if !id.is_text() {
            return None;
        }
        let text = self.get(id);
        (!text.contains(HOLE)).then_some(text)
    }

    /// The id of a string, if it was ever seen.
    pub(crate) fn find(&self, text: &str) -> Option<StrId> {
        self.known.get(text).copied()
    }
}
