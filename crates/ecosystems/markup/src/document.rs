//! What both readers give.

use foretaste_model::Span;
use foretaste_model::facts::{Problem, ProblemKind};

/// Bytes that are read; no honest manifest comes near.
pub(crate) const MAX_BYTES: usize = 8 << 20;
/// Values that are kept.
const MAX_ENTRIES: usize = 50_000;
/// Levels that are kept.
pub(crate) const MAX_DEPTH: usize = 64;
/// Bytes that are kept of one value.
const MAX_VALUE: usize = 64 << 10;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path: names of elements or keys, numbers of list items, `@name` for an attribute, with `/` between them.
    pub path: Box<str>,
    /// The text.
    pub value: Box<str>,
    /// Where.
    pub span: Span,
}

/// A document as a list of its values, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// The values.
    pub entries: Vec<Entry>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl Document {
    /// The first value at a path.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| &*e.path == path)
    }

    /// The first value at a path that is not blank.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.entries
            .iter()
            .filter(|e| &*e.path == path)
            .map(|e| e.value.trim())
            .find(|v| !v.is_empty())
    }

    /// The values below a path, each with the rest of its path.
    pub fn below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        self.entries.iter().filter_map(move |entry| {
            let rest = entry.path.strip_prefix(path)?.strip_prefix('/')?;
            Some((rest, entry))
        })
    }

    /// The items of a list or the elements of a name below a path: each with its own values.
    pub fn items<'a>(&'a self, path: &'a str) -> Vec<(&'a str, Vec<(&'a str, &'a Entry)>)> {
        let mut items: Vec<(&str, Vec<(&str, &Entry)>)> = Vec::new();
        for (rest, entry) in self.below(path) {
            let (key, inner) = rest.split_once('/').unwrap_or((rest, ""));
            match items.last_mut() {
                Some((last, values)) if *last == key => values.push((inner, entry)),
                _ => items.push((key, vec![(inner, entry)])),
            }
        }
        items
    }

    pub(crate) fn add(&mut self, path: String, value: &str, span: Span) {
        if self.entries.len() >= MAX_ENTRIES {
            if self
                .problems
                .iter()
                .all(|p| p.kind != ProblemKind::Truncated)
            {
                self.problem(
                    ProblemKind::Truncated,
                    Some(span),
                    format!("more than {MAX_ENTRIES} values"),
                );
            }
            return;
        }
        let end = value.floor_char_boundary(MAX_VALUE);
        self.entries.push(Entry {
            path: path.into(),
            value: value.get(..end).unwrap_or("").into(),
            span,
        });
    }

    pub(crate) fn problem(&mut self, kind: ProblemKind, span: Option<Span>, message: String) {
        if self.problems.len() < 16 {
            self.problems.push(Problem {
                kind,
                span,
                message: message.into(),
            });
        }
    }
}

/// The beginning of a text that is too long, and whether it was cut.
pub(crate) fn head(text: &str) -> (&str, bool) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text
        .get(..text.floor_char_boundary(MAX_BYTES))
        .unwrap_or("");
    (head, head.len() < text.len())
}
