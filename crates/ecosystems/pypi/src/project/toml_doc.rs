//! TOML with places: what stands before and after a broken line is still read.

use foretaste_model::Digest;
use foretaste_project::{Location, LockedArtifact, Place, Problem, Text};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file_name;

/// Bytes of TOML that are read.
const MAX_BYTES: usize = 64 << 20;
/// Syntax errors that are told.
const MAX_PROBLEMS: usize = 20;

/// Reads a document and hands its root to `with`.
pub(super) fn read(
    text: &Text<'_>,
    problems: &mut Vec<Problem>,
    with: impl FnOnce(Node<'_>, &mut Vec<Problem>),
) {
    if text.text().len() > MAX_BYTES {
        let message = format!("it is larger than {MAX_BYTES} bytes and was not read");
        problems.push(Problem::new(Place::file(text.path()), message));
        return;
    }
    let (table, errors) = DeTable::parse_recoverable(text.text());
    for error in errors.iter().take(MAX_PROBLEMS) {
        let place = error
            .span()
            .map_or_else(|| Place::file(text.path()), |range| text.place(&range));
        problems.push(Problem::new(
            place,
            format!("not TOML: {}", error.message().replace('\n', ", ")),
        ));
    }
    let span = table.span();
    let root = Spanned::new(span, DeValue::Table(table.into_inner()));
    with(Node(&root), problems);
}

/// A value and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Node<'a>(&'a Spanned<DeValue<'a>>);

impl<'a> Node<'a> {
    pub(super) fn get(self, key: &str) -> Option<Self> {
        self.0
            .get_ref()
            .as_table()
            .and_then(|t| t.get(key))
            .map(Node)
    }

    pub(super) fn path(self, keys: &[&str]) -> Option<Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    pub(super) fn str(self) -> Option<&'a str> {
        self.0.get_ref().as_str()
    }

    pub(super) fn bool(self) -> Option<bool> {
        self.0.get_ref().as_bool()
    }

    pub(super) fn integer(self) -> Option<u64> {
        self.0
            .get_ref()
            .as_integer()
            .and_then(|n| u64::from_str_radix(n.as_str(), n.radix()).ok())
    }

    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.get(key)?.str()
    }

    pub(super) fn flag(self, key: &str) -> bool {
        self.get(key).and_then(Self::bool).unwrap_or(false)
    }

    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.0
            .get_ref()
            .as_array()
            .into_iter()
            .flat_map(|array| array.iter())
            .map(Node)
    }

    /// The elements of a member.
    pub(super) fn list(self, key: &str) -> impl Iterator<Item = Self> {
        self.get(key).into_iter().flat_map(Self::items)
    }

    /// The texts of a member that is a list.
    pub(super) fn texts(self, key: &str) -> Vec<Box<str>> {
        self.list(key)
            .filter_map(Self::str)
            .map(Into::into)
            .collect()
    }

    /// Keys and values in the order of the document.
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

    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.0.span()
    }

    pub(super) fn place(self, text: &Text<'_>) -> Place {
        text.place(&self.0.span())
    }

    /// The place of a table: that of its `name`, or else its own.
    pub(super) fn entry_place(self, text: &Text<'_>) -> Place {
        self.get("name").unwrap_or(self).place(text)
    }
}

/// A file of a lock: `{ url | file | path, hash | hashes, size, name }`.
pub(super) fn artifact(node: Node<'_>) -> LockedArtifact {
    let url = node.text("url").or_else(|| node.text("path"));
    let written = node
        .text("name")
        .or_else(|| node.text("file").filter(|f| !f.contains("://")));
    let url = url.or_else(|| node.text("file").filter(|f| f.contains("://")));
    let base = url
        .unwrap_or_default()
        .split(['#', '?'])
        .next()
        .unwrap_or_default();
    let mut hashes: Vec<Digest> = node
        .text("hash")
        .and_then(|h| h.parse().ok())
        .into_iter()
        .collect();
    if let Some(table) = node.get("hashes") {
        for (algorithm, value) in table.entries() {
            hashes.extend(
                value
                    .str()
                    .and_then(|v| format!("{algorithm}:{v}").parse::<Digest>().ok()),
            );
        }
    }
    LockedArtifact {
        filename: written.unwrap_or_else(|| file_name(base)).into(),
        url: url.map(Location::new),
        hashes,
        other_hashes: Vec::new(),
        size: node.get("size").and_then(Node::integer),
    }
}
