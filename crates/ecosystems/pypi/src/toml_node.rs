//! Walking a TOML document with places, tolerantly.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a>(&'a Spanned<DeValue<'a>>);

impl<'a> Node<'a> {
    /// The root of a document.
    pub(crate) const fn root(value: &'a Spanned<DeValue<'a>>) -> Self {
        Self(value)
    }

    /// A member of a table.
    pub(crate) fn member(table: &'a DeTable<'a>, key: &str) -> Option<Self> {
        table.get(key).map(Node)
    }

    /// A member, if this is a table.
    pub(crate) fn get(self, key: &str) -> Option<Self> {
        let table = self.0.get_ref().as_table()?;
        Self::member(table, key)
    }

    /// A member of a member.
    pub(crate) fn path(self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(crate) fn str(self) -> Option<&'a str> {
        self.0.get_ref().as_str()
    }

    pub(crate) fn bool(self) -> Option<bool> {
        self.0.get_ref().as_bool()
    }

    pub(crate) fn integer(self) -> Option<u64> {
        let number = self.0.get_ref().as_integer()?;
        u64::from_str_radix(number.as_str(), number.radix()).ok()
    }

    /// The text of a string member.
    pub(crate) fn text(self, key: &str) -> Option<&'a str> {
        self.get(key)?.str()
    }

    /// True if a member is `true`.
    pub(crate) fn flag(self, key: &str) -> bool {
        self.get(key).and_then(Self::bool).unwrap_or(false)
    }

    /// Elements, if this is an array.
    pub(crate) fn items(self) -> impl Iterator<Item = Self> {
        self.0
            .get_ref()
            .as_array()
            .into_iter()
            .flat_map(|array| array.iter())
            .map(Node)
    }

    /// The elements of a member.
    pub(crate) fn list(self, key: &str) -> impl Iterator<Item = Self> {
        self.get(key).into_iter().flat_map(Self::items)
    }

    /// The texts of a member that is a list.
    pub(crate) fn texts(self, key: &str) -> Vec<Box<str>> {
        self.list(key)
            .filter_map(Self::str)
            .map(Into::into)
            .collect()
    }

    /// Keys and values in the order of the document, if this is a table.
    pub(crate) fn entries(self) -> Vec<(&'a str, Self)> {
        let mut found: Vec<(usize, &'a str, Self)> = self
            .0
            .get_ref()
            .as_table()
            .into_iter()
            .flat_map(|table| table.iter())
            .map(|(key, value)| (key.span().start, &**key.get_ref(), Node(value)))
            .collect();
        found.sort_by_key(|(start, key, _)| (*start, *key));
        found
            .into_iter()
            .map(|(_, key, node)| (key, node))
            .collect()
    }

    pub(crate) fn is_table(self) -> bool {
        self.0.get_ref().is_table()
    }

    pub(crate) fn is_array(self) -> bool {
        self.0.get_ref().is_array()
    }

    /// The bytes of the document that it is written in.
    pub(crate) fn range(self) -> Range<usize> {
        self.0.span()
    }
}
