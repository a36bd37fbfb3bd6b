//! The text of a file with the places in it.

use std::ops::Range;
use std::sync::Arc;

use foretaste_model::Span;
use foretaste_model::span::LineIndex;

use crate::Place;

/// A file's text, from which readers make places.
#[derive(Debug)]
pub struct Text<'a> {
    path: Arc<str>,
    lines: LineIndex<'a>,
}

impl<'a> Text<'a> {
    /// The text of the file at `path`.
    pub fn new(path: &Arc<str>, text: &'a str) -> Self {
        Self {
            path: path.clone(),
            lines: LineIndex::new(text),
        }
    }

    /// The text.
    pub const fn text(&self) -> &'a str {
        self.lines.text()
    }

    /// The file.
    pub const fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The place of a range of bytes.
    pub fn place(&self, range: &Range<usize>) -> Place {
        Place::new(
            &self.path,
            self.lines.span(range.start as u32, range.end as u32),
        )
    }

    /// The place of a line (counting from 1), without the blanks around it.
    pub fn line(&self, line: u32) -> Place {
        let text = self.lines.line(line);
        let indent = text.chars().take_while(|c| c.is_whitespace()).count() as u32;
        let end = text.trim_end().chars().count() as u32;
        Place::new(
            &self.path,
            Span::on_line(line, indent + 1, end.max(indent) + 1),
        )
    }
}
