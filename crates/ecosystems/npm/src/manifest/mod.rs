//! `package.json`: what a package says about itself, and what runs when it is installed.

mod dependencies;
mod fields;
mod people;
mod surfaces;

use foretaste_model::Ecosystem;
use foretaste_model::facts::{InstallSurface, Problem, ProblemKind};
use foretaste_model::manifest::ManifestFacts;

pub use dependencies::source_of;
pub use people::parse_person;
pub use surfaces::{ON_INSTALL, ON_SOURCE_INSTALL};

use crate::json::{self, Document, Node};

/// Entries of one list or table that are kept; a longer one is a [`Problem`].
const MAX_ENTRIES: usize = 5_000;

/// Reads a `package.json`. None if `path` is not one.
///
/// Never fails: what stands before a break is kept, and what is wrong is a [`Problem`].
pub fn observe(
    path: &str,
    text: &str,
) -> Option<(ManifestFacts, Vec<InstallSurface>, Vec<Problem>)> {
    if path.rsplit(['/', '!']).next() != Some("package.json") {
        return None;
    }
    let document = json::read(text);
    let mut reading = Reading {
        problems: document.problems.clone(),
        document: &document,
    };
    let root = &document.root;
    let mut facts = ManifestFacts::new(Ecosystem::Npm);
    if root.members().is_empty() && root.kind() != "an object" {
        reading.wrong_type("package.json", root, "an object");
        return Some((facts, Vec::new(), reading.problems));
    }
    fields::read(&mut reading, root, &mut facts);
    people::read(&mut reading, root, &mut facts);
    dependencies::read(&mut reading, root, &mut facts);
    let surfaces = surfaces::read(&mut reading, root, &mut facts);
    Some((facts, surfaces, reading.problems))
}

/// A document while it is read, with the problems found so far.
struct Reading<'a> {
    document: &'a Document<'a>,
    problems: Vec<Problem>,
}

impl<'a> Reading<'a> {
    fn problem(&mut self, node: &Node, message: String) {
        self.problems.push(Problem {
            kind: ProblemKind::Malformed,
            span: Some(self.document.span(node.start, node.end)),
            message: message.into(),
        });
    }

    fn wrong_type(&mut self, field: &str, node: &Node, expected: &str) {
        let message = format!("`{field}` is {}, not {expected}", node.kind());
        self.problem(node, message);
    }

    /// A field that must be a string; anything else but `null` is a problem.
    fn string(&mut self, root: &'a Node, field: &str) -> Option<Box<str>> {
        let node = root.get(field)?;
        let text = node.text();
        if text.is_none() && node.kind() != "null" {
            self.wrong_type(field, node, "a string");
        }
        text.map(|t| cut(t, MAX_TEXT))
    }

    /// At most [`MAX_ENTRIES`] of a list; more are a problem.
    fn bounded<'b, T>(&mut self, field: &str, node: &Node, entries: &'b [T]) -> &'b [T] {
        if entries.len() > MAX_ENTRIES {
            self.problems.push(Problem {
                kind: ProblemKind::Truncated,
                span: Some(self.document.span(node.start, node.start)),
                message: format!(
                    "`{field}` has {} entries; the first {MAX_ENTRIES} were read",
                    entries.len()
                )
                .into(),
            });
        }
        entries.get(..MAX_ENTRIES).unwrap_or(entries)
    }
}

/// Bytes kept of an ordinary text field.
const MAX_TEXT: usize = 4 << 10;
/// Bytes kept of a command line.
const MAX_COMMAND: usize = 16 << 10;

/// At most `max` bytes of a text, at a character boundary.
pub(crate) fn cut(text: &str, max: usize) -> Box<str> {
    if text.len() <= max {
        return text.into();
    }
    let end = (0..=max)
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    text.get(..end).unwrap_or("").into()
}

#[cfg(test)]
mod tests;
