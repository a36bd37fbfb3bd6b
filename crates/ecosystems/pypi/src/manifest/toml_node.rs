//! Walking a TOML document with spans, tolerantly.

use foretaste_model::Span;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::reading::Reading;

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Node<'a>(&'a Spanned<DeValue<'a>>);

impl<'a> Node<'a> {
    /// A member of a table.
    pub(super) fn member(table: &'a DeTable<'a>, key: &str) -> Option<Self> {
        table.get(key).map(Node)
    }

    /// A member, if this is a table.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        self.0
            .get_ref()
            .as_table()
            .and_then(|t| Self::member(t, key))
    }

    /// A member of a member.
    pub(super) fn path(self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(super) fn str(self) -> Option<&'a str> {
        self.0.get_ref().as_str()
    }

    pub(super) fn bool(self) -> Option<bool> {
        self.0.get_ref().as_bool()
    }

    /// The text of a string member.
    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.get(key)?.str()
    }

    /// Elements, if this is an array.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.0
            .get_ref()
            .as_array()
            .into_iter()
            .flat_map(|array| array.iter())
            .map(Node)
    }

    /// Keys and values in the order of the document, if this is a table.
    pub(super) fn entries(self) -> Vec<(&'a str, Self)> {
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

    pub(super) fn is_table(self) -> bool {
        self.0.get_ref().is_table()
    }

    pub(super) fn is_array(self) -> bool {
        self.0.get_ref().is_array()
    }

    /// Where it stands.
    pub(super) fn span(self, reading: &Reading<'_>) -> Span {
        reading.span(&self.0.span())
    }
}
