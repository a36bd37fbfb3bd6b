//! Byte offsets to lines and columns, fast for very long lines too.

use std::cell::{OnceCell, RefCell};

use foretaste_model::Span;
use foretaste_model::facts::Snippet;
use rustc_hash::FxHashMap;

/// Distance in bytes between two known character counts on a long line.
const STRIDE: usize = 2048;

/// Maps byte offsets of one text to lines and columns.
///
/// Like [`foretaste_model::span::LineIndex`], but constant-time columns for ASCII text and near constant-time ones on
/// long lines of other text, because minified and obfuscated files put everything on one line.
/// Nothing is read before the first place is asked for: of most files none is.
#[derive(Debug)]
pub struct Places<'a> {
    text: &'a str,
    lines: OnceCell<Lines>,
    /// Characters before every `STRIDE`th byte of a long line, by line start.
    counts: RefCell<FxHashMap<u32, Vec<u32>>>,
}

/// Where the lines of a text begin.
#[derive(Debug)]
struct Lines {
    starts: Vec<u32>,
    ascii: bool,
}

impl Lines {
    fn of(text: &str) -> Self {
        let mut starts = Vec::with_capacity(text.len() / 32 + 1);
        starts.push(0);
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|i| i as u32 + 1));
        Self {
            starts,
            ascii: text.is_ascii(),
        }
    }
}

impl<'a> Places<'a> {
    /// The places of `text`, which must be shorter than 4 GiB.
    pub fn new(text: &'a str) -> Self {
        Self {
            text,
            lines: OnceCell::new(),
            counts: RefCell::default(),
        }
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(self.text))
    }

    /// The text.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// The 1-based line and column of a byte offset; offsets beyond the text mean its end.
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let Lines { starts, ascii } = self.lines();
        let offset = offset.min(self.text.len() as u32);
        let line = starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = starts.get(line).copied().unwrap_or(0);
        let column = if *ascii {
            offset - start
        } else {
            self.characters(start, offset)
        };
        (line as u32 + 1, column + 1)
    }

    /// The span of a byte range.
    pub fn span(&self, start: u32, end: u32) -> Span {
        let (line, column) = self.position(start);
        let (end_line, end_column) = self.position(end.max(start));
        Span {
            line,
            column,
            end_line,
            end_column,
        }
    }

    /// The line of a byte offset as text, without its line break, and the offset at which it begins.
    pub fn line_of(&self, offset: u32) -> (&'a str, u32) {
        let starts = &self.lines().starts;
        let line = starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = starts.get(line).copied().unwrap_or(0);
        let end = starts
            .get(line + 1)
            .map_or(self.text.len(), |next| *next as usize);
        let text = self.text.get(start as usize..end).unwrap_or("");
        (text.trim_end_matches(['\n', '\r']), start)
    }

    /// The source window around a byte offset: at most [`Snippet::MAX_CHARS`] characters of its line.
    pub fn window(&self, offset: u32) -> Snippet {
        let (line, start) = self.line_of(offset);
        let (number, column) = self.position(offset);
        let at = (offset.saturating_sub(start) as usize).min(line.len());
        // the place itself sits a quarter of the way in, unless the line is short
        let mut from = at.saturating_sub(Snippet::MAX_CHARS / 4);
        if line.len() <= Snippet::MAX_CHARS {
            from = 0;
        }
        while !line.is_char_boundary(from) {
            from -= 1;
        }
        let before = line.get(from..at).map_or(0, |s| s.chars().count()) as u32;
        let rest = line.get(from..).unwrap_or("");
        let end = rest
            .char_indices()
            .nth(Snippet::MAX_CHARS)
            .map_or(rest.len(), |(i, _)| i);
        Snippet {
            line: number,
            first_column: column.saturating_sub(before).max(1),
            text: rest.get(..end).unwrap_or("").into(),
        }
    }

    fn characters(&self, start: u32, offset: u32) -> u32 {
        let (from, to) = (start as usize, offset as usize);
        let bytes = self.text.as_bytes().get(from..to).unwrap_or(&[]);
        if bytes.len() <= 2 * STRIDE {
            return count(bytes);
        }
        let mut cache = self.counts.borrow_mut();
        let known = cache.entry(start).or_insert_with(|| vec![0]);
        let wanted = bytes.len() / STRIDE;
        while known.len() <= wanted {
            let done = known.len() - 1;
            let chunk = bytes.get(done * STRIDE..(done + 1) * STRIDE).unwrap_or(&[]);
            known.push(known.last().copied().unwrap_or(0) + count(chunk));
        }
        known.get(wanted).copied().unwrap_or(0) + count(bytes.get(wanted * STRIDE..).unwrap_or(&[]))
    }
}

/// Characters in UTF-8 bytes that may begin or end inside a character: bytes that are no continuation.
fn count(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| (**b & 0xc0) != 0x80).count() as u32
}

#[cfg(test)]
mod tests {
    use foretaste_model::span::LineIndex;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_plain_index(text in "[aé\u{1F600}\\n]{0,200}", at in 0_usize..400) {
            let long = text.repeat(60);
            let at = (0..=at.min(long.len())).rev().find(|i| long.is_char_boundary(*i)).unwrap_or(0) as u32;
            prop_assert_eq!(Places::new(&long).position(at), LineIndex::new(&long).position(at));
        }
    }

    #[test]
    fn a_window_on_a_long_line_holds_the_place() {
        let text = format!("x = '{}'; evil()", "é".repeat(5000));
        let at = text.find("evil").unwrap() as u32;
        let window = Places::new(&text).window(at);
        assert!(window.text.contains("evil()"));
        assert!(window.text.chars().count() <= Snippet::MAX_CHARS);
        let column = text[..at as usize].chars().count() as u32 + 1;
        assert!(window.first_column <= column && column < window.first_column + 240);
    }
}
