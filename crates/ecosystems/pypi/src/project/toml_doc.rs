//! TOML with places: what stands before and after a broken line is still read.

use foretaste_model::Digest;
use foretaste_project::{
    Document, Format, Input, Location, Lock, LockedArtifact, Place, Problem, Reading, Text,
};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{decode, file_name};
use crate::toml_node::Node;

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
    with(Node::root(&root), problems);
}

/// Where the parts of a project's file stand.
pub(super) trait Placed {
    fn place(self, text: &Text<'_>) -> Place;

    /// The place of a table: that of its `name`, or else its own.
    fn entry_place(self, text: &Text<'_>) -> Place;
}

impl Placed for Node<'_> {
    fn place(self, text: &Text<'_>) -> Place {
        text.place(&self.range())
    }

    fn entry_place(self, text: &Text<'_>) -> Place {
        self.get("name").unwrap_or(self).place(text)
    }
}

/// Reads a lock, and fills it from the document's root.
pub(super) fn lock(
    input: &Input<'_>,
    format: Format,
    fill: impl FnOnce(&mut Lock, Node<'_>, &Text<'_>, &mut Vec<Problem>),
) -> Reading {
    let (decoded, _) = decode::decode(input.bytes);
    let text = Text::new(input.path, &decoded);
    let mut problems = Vec::new();
    let mut lock = Lock::new(format, input.path);
    read(&text, &mut problems, |root, problems| {
        fill(&mut lock, root, &text, problems);
    });
    Reading {
        document: Some(Document::Lock(lock)),
        problems,
    }
}

/// The tables of a list that have a name; of the others it is told.
pub(super) fn named<'a>(
    root: Node<'a>,
    key: &str,
    text: &Text<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(&'a str, Node<'a>)> {
    let mut found = Vec::new();
    for node in root.list(key) {
        match node.text("name") {
            Some(name) => found.push((name, node)),
            None => problems.push(Problem::new(node.place(text), "an entry has no name")),
        }
    }
    found
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
