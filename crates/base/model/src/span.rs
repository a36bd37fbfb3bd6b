//! Places in files.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A range of text: lines and columns count from 1; columns count Unicode scalar values; the end is exclusive.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Span {
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

impl Span {
    /// A span within one line.
    pub const fn on_line(line: u32, column: u32, end_column: u32) -> Self {
        Self {
            line,
            column,
            end_line: line,
            end_column,
        }
    }
}

/// Bytes between two offsets whose count of characters is kept.
const STRIDE: usize = 1024;

/// Maps byte offsets of one text to lines and columns, in near constant time also on a line of megabytes.
#[derive(Debug)]
pub struct LineIndex<'a> {
    text: &'a str,
    starts: Vec<u32>,
    /// Characters that begin before every `STRIDE`th byte.
    characters: Vec<u32>,
}

impl<'a> LineIndex<'a> {
    /// Indexes `text`, which must be shorter than 4 GiB (the unpacker's limits see to that).
    pub fn new(text: &'a str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .map(|(i, _)| i as u32 + 1),
        );
        let mut before = 0;
        let blocks = text.as_bytes().chunks(STRIDE);
        let characters = blocks
            .map(|block| {
                let here = before;
                before += beginnings(block);
                here
            })
            .collect();
        Self {
            text,
            starts,
            characters,
        }
    }

    /// The text that was indexed.
    pub const fn text(&self) -> &'a str {
        self.text
    }

    /// How many lines the text has (an empty text has one).
    pub fn line_count(&self) -> u32 {
        self.starts.len() as u32
    }

    /// The 1-based line and column of a byte offset.
    pub fn position(&self, offset: u32) -> (u32, u32) {
        let line = self
            .starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = self.starts[line] as usize;
        let end = (offset as usize).min(self.text.len());
        let column = self.before(end).saturating_sub(self.before(start));
        (line as u32 + 1, column + 1)
    }

    /// The characters that begin before a byte offset.
    fn before(&self, offset: usize) -> u32 {
        // the end of a text whose last block is full has no count of its own
        let block = (offset / STRIDE).min(self.characters.len().saturating_sub(1));
        let known = self.characters.get(block).copied().unwrap_or(0);
        let rest = self.text.as_bytes().get(block * STRIDE..offset);
        known + beginnings(rest.unwrap_or_default())
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

    /// The text of a 1-based line, without its line break.
    pub fn line(&self, line: u32) -> &'a str {
        let Some(start) = self.starts.get(line.saturating_sub(1) as usize) else {
            return "";
        };
        let end = self
            .starts
            .get(line as usize)
            .map_or(self.text.len(), |next| *next as usize);
        self.text
            .get(*start as usize..end)
            .unwrap_or("")
            .trim_end_matches(['\n', '\r'])
    }
}

/// The characters that begin in a piece of UTF-8.
fn beginnings(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|b| **b & 0xC0 != 0x80).count() as u32
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Stopwatch;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let index = LineIndex::new("é = 1\nxy");
        assert_eq!(index.position(0), (1, 1));
        assert_eq!(index.position(2), (1, 2));
        assert_eq!(index.position(7), (2, 1));
        assert_eq!(index.line(2), "xy");
        assert_eq!(index.line(9), "");
    }

    #[test]
    fn columns_of_long_lines_are_exact_and_cheap() {
        for (pattern, repeats) in [("aé€😀", 300), ("a", 1024), ("a\n", 2048), ("\u{e9}", 1024)]
        {
            let text = pattern.repeat(repeats);
            let index = LineIndex::new(&text);
            let (mut line, mut column) = (1, 1);
            for (offset, c) in text.char_indices() {
                assert_eq!(index.position(offset as u32), (line, column), "{offset}");
                (line, column) = if c == '\n' {
                    (line + 1, 1)
                } else {
                    (line, column + 1)
                };
            }
            assert_eq!(index.position(text.len() as u32), (line, column));
            assert_eq!(index.position(u32::MAX), (line, column));
        }
        let text = "x".repeat(4 << 20);
        let index = LineIndex::new(&text);
        let begin = Stopwatch::start();
        for offset in 0..50_000 {
            index.position(text.len() as u32 - offset);
        }
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
}
