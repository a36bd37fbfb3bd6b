//! `Cargo.toml`: what a crate says about itself, and what of it runs while it is built.

mod dependencies;
mod fields;
mod surfaces;
mod vcs;

use foretaste_model::Ecosystem;
use foretaste_model::facts::{InstallSurface, Problem, ProblemKind};
use foretaste_model::manifest::ManifestFacts;
use foretaste_model::span::LineIndex;
use toml_edit::{Document, Item, TableLike};

/// Bytes that are read; no honest manifest comes near.
const MAX_BYTES: usize = 8 << 20;
/// Entries of one list or table that are kept; a longer one is a [`Problem`].
const MAX_ENTRIES: usize = 5_000;
/// Problems of one manifest that are kept.
const MAX_PROBLEMS: usize = 100;
/// Bytes kept of a text field.
const MAX_TEXT: usize = 4 << 10;

/// Reads a `Cargo.toml` or a `.cargo_vcs_info.json`. None if `path` is neither.
///
/// `Cargo.toml.orig` is not read: cargo builds from the normalised `Cargo.toml`. The facts of a
/// `.cargo_vcs_info.json` have no name; their `urls` hold `vcs-commit`, `vcs-path` and `vcs-dirty`.
/// Never fails: what is wrong is a [`Problem`].
pub fn observe(
    path: &str,
    text: &str,
) -> Option<(ManifestFacts, Vec<InstallSurface>, Vec<Problem>)> {
    match path.rsplit(['/', '!']).next()? {
        "Cargo.toml" => Some(cargo_toml(text)),
        ".cargo_vcs_info.json" => {
            let (facts, problems) = vcs::read(text);
            Some((facts, Vec::new(), problems))
        }
        _ => None,
    }
}

pub(crate) fn cargo_toml(text: &str) -> (ManifestFacts, Vec<InstallSurface>, Vec<Problem>) {
    let mut facts = ManifestFacts::new(Ecosystem::Cargo);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        let problem = Problem {
            kind: ProblemKind::Budget,
            span: None,
            message: format!("larger than {MAX_BYTES} bytes; it was not read").into(),
        };
        return (facts, Vec::new(), vec![problem]);
    }
    let index = LineIndex::new(text);
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let span = error
                .span()
                .map(|range| index.span(range.start as u32, range.end as u32));
            let problem = Problem {
                kind: ProblemKind::Malformed,
                span,
                message: format!("not TOML: {}", error.message().replace('\n', " ")).into(),
            };
            return (facts, Vec::new(), vec![problem]);
        }
    };
    let mut reading = Reading {
        index,
        problems: Vec::new(),
    };
    let root: &dyn TableLike = document.as_table();
    let package = root
        .get("package")
        .or_else(|| root.get("project"))
        .and_then(Item::as_table_like);
    if let Some(package) = package {
        fields::read(&mut reading, package, &mut facts);
    } else if root.get("workspace").is_none() {
        reading.problem(None, "there is neither a `package` nor a `workspace` table");
    }
    dependencies::read(&mut reading, root, &mut facts);
    let surfaces = surfaces::read(&reading, root, package);
    (facts, surfaces, reading.problems)
}

/// A manifest while it is read.
struct Reading<'a> {
    index: LineIndex<'a>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn span(&self, range: Option<std::ops::Range<usize>>) -> Option<foretaste_model::Span> {
        range.map(|r| self.index.span(r.start as u32, r.end as u32))
    }

    fn problem(&mut self, item: Option<&Item>, message: &str) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let span = self.span(item.and_then(Item::span));
        self.problems.push(Problem {
            kind: ProblemKind::Malformed,
            span,
            message: cut(message),
        });
    }

    fn wrong_type(&mut self, field: &str, item: &Item, expected: &str) {
        let message = format!("`{field}` is of type {}, not {expected}", item.type_name());
        self.problem(Some(item), &message);
    }

    fn truncated(&mut self, field: &str) {
        self.problems.push(Problem {
            kind: ProblemKind::Truncated,
            span: None,
            message: format!("`{field}` has more than {MAX_ENTRIES} entries").into(),
        });
    }
}

/// `key.workspace = true`: the value stands in another file.
fn is_inherited(item: &Item) -> bool {
    item.as_table_like()
        .and_then(|t| t.get("workspace"))
        .and_then(Item::as_bool)
        == Some(true)
}

/// At most [`MAX_TEXT`] bytes of a text, at a character boundary.
fn cut(text: &str) -> Box<str> {
    if text.len() <= MAX_TEXT {
        return text.into();
    }
    let end = (0..=MAX_TEXT)
        .rev()
        .find(|i| text.is_char_boundary(*i))
        .unwrap_or(0);
    text.get(..end).unwrap_or("").into()
}

#[cfg(test)]
mod tests;
