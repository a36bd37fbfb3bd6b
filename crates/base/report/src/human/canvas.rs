//! Lines of limited width.

use std::fmt::Write as _;

use anstyle::Style;
use textwrap::core::display_width;
use textwrap::{WordSeparator, WordSplitter};

use super::palette::{Glyphs, Palette};
use super::{Detail, Options};
use crate::escape;

/// Prose gets no wider than this: longer lines are hard to read.
const PROSE: usize = 100;

/// Below this width, labels no longer form a column.
const NARROW: usize = 60;

/// Text under construction, with the means to lay it out.
#[derive(Debug)]
pub(super) struct Canvas {
    out: String,
    column: usize,
    pending: usize,
    pub(super) width: usize,
    pub(super) prose: usize,
    pub(super) detail: Detail,
    pub(super) ascii: bool,
    pub(super) palette: Palette,
    pub(super) glyphs: Glyphs,
}

/// A line with a label: `name   one letter away from ...        confusable-name`.
#[derive(Debug)]
pub(super) struct Entry {
    /// The label.
    pub(super) label: String,
    /// The text, already clean.
    pub(super) text: String,
    /// What stands at the right edge, already clean; may be empty.
    pub(super) right: String,
}

impl Canvas {
    pub(super) fn new(options: Options) -> Self {
        let width = options.width.clamp(Options::MIN_WIDTH, Options::MAX_WIDTH);
        Self {
            out: String::new(),
            column: 0,
            pending: 0,
            width,
            prose: width.min(PROSE),
            detail: options.detail,
            ascii: options.ascii,
            palette: Palette::new(options.color),
            glyphs: Glyphs::new(options.ascii),
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    pub(super) const fn narrow(&self) -> bool {
        self.width < NARROW
    }

    /// Hostile text as one harmless line.
    pub(super) fn clean(&self, text: &str) -> String {
        let text = escape::visible(text);
        if self.ascii {
            escape::ascii(&text)
        } else {
            text
        }
    }

    /// Writes clean text in a style.
    pub(super) fn put(&mut self, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        for _ in 0..std::mem::take(&mut self.pending) {
            self.out.push(' ');
        }
        let _ = write!(self.out, "{style}{text}{style:#}");
        self.column += display_width(text);
    }

    /// Writes clean text.
    pub(super) fn plain(&mut self, text: &str) {
        self.put(Style::new(), text);
    }

    /// Leaves blanks; none are written at the end of a line.
    pub(super) fn skip(&mut self, columns: usize) {
        self.pending += columns;
        self.column += columns;
    }

    /// Leaves blanks up to a column.
    pub(super) fn skip_to(&mut self, column: usize) {
        self.skip(column.saturating_sub(self.column));
    }

    /// The column that comes next.
    pub(super) const fn column(&self) -> usize {
        self.column
    }

    /// Ends the line.
    pub(super) fn end(&mut self) {
        self.out.push('\n');
        self.column = 0;
        self.pending = 0;
    }

    /// Leaves one blank line, if there is anything above it.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.end();
        }
    }

    /// Cuts clean text at its end.
    pub(super) fn cut(&self, text: &str, width: usize) -> String {
        if display_width(text) <= width {
            return text.to_owned();
        }
        let room = width.saturating_sub(display_width(self.glyphs.more));
        let kept = take_width(text.chars(), room);
        format!("{}{}", kept.trim_end(), self.glyphs.more)
    }

    /// Cuts clean text at its beginning: the end of a path says most.
    pub(super) fn cut_start(&self, text: &str, width: usize) -> String {
        if display_width(text) <= width {
            return text.to_owned();
        }
        let room = width.saturating_sub(display_width(self.glyphs.more));
        let kept: String = take_width(text.chars().rev(), room).chars().rev().collect();
        format!("{}{kept}", self.glyphs.more)
    }

    /// Writes clean prose, wrapped, each line indented.
    pub(super) fn paragraph(&mut self, indent: usize, style: Style, text: &str) {
        for line in wrap(text, self.prose.saturating_sub(indent)) {
            self.skip_to(indent);
            self.put(style, &line);
            self.end();
        }
    }

    /// Writes clean prose that goes on from the current column, further lines indented, and ends the last line.
    pub(super) fn hang(&mut self, indent: usize, style: Style, text: &str) {
        self.flow(indent, style, text);
        self.end();
    }

    fn flow(&mut self, indent: usize, style: Style, text: &str) {
        let first = self.prose.saturating_sub(self.column);
        let rest = self.prose.saturating_sub(indent);
        let lines = textwrap::wrap(
            text,
            wrapping(rest.max(8)).initial_indent(&" ".repeat(rest.max(8).saturating_sub(first))),
        );
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                self.end();
                self.skip_to(indent);
            }
            let line = if index == 0 { line.trim_start() } else { line };
            self.put(style, line.trim_end());
        }
    }

    /// The width of the label column for these labels.
    pub(super) fn label_width<'a>(&self, labels: impl IntoIterator<Item = &'a str>) -> usize {
        if self.narrow() {
            return 0;
        }
        labels.into_iter().map(display_width).max().unwrap_or(0)
    }

    /// Where the text of an entry begins.
    pub(super) const fn text_column(&self, label_width: usize) -> usize {
        if self.narrow() { 4 } else { 4 + label_width }
    }

    /// Writes an entry.
    pub(super) fn entry(&mut self, label_width: usize, entry: &Entry) {
        let text_column = self.text_column(label_width);
        self.skip_to(2);
        self.put(self.palette.label(), &entry.label);
        self.skip(2);
        self.skip_to(text_column);
        let right_width = display_width(&entry.right);
        let room = self.prose.saturating_sub(self.column);
        if right_width == 0 {
            return self.hang(text_column, Style::new(), &entry.text);
        }
        if display_width(&entry.text) + 2 + right_width <= room {
            self.plain(&entry.text);
        } else {
            self.flow(text_column, Style::new(), &entry.text);
            if self.column + 2 + right_width > self.prose {
                self.end();
            }
        }
        let right = self.cut(&entry.right, self.prose.saturating_sub(text_column));
        let at = self.prose.saturating_sub(display_width(&right));
        self.skip_to(if self.narrow() && self.column == 0 {
            text_column
        } else {
            at
        });
        self.put(self.palette.dim(), &right);
        self.end();
    }

    /// Writes an item of a list below an entry.
    pub(super) fn bullet(&mut self, indent: usize, text: &str) {
        self.skip_to(indent);
        self.put(self.palette.dim(), self.glyphs.bullet);
        self.skip(1);
        self.hang(indent + 2, Style::new(), text);
    }
}

/// Wraps clean prose. Words stay whole unless they are longer than a line.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    textwrap::wrap(text, wrapping(width.max(8)))
        .into_iter()
        .map(|line| line.trim_end().to_owned())
        .collect()
}

fn wrapping<'a>(width: usize) -> textwrap::Options<'a> {
    textwrap::Options::new(width)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
}

fn take_width(chars: impl Iterator<Item = char>, room: usize) -> String {
    let mut kept = String::new();
    let mut used = 0;
    for c in chars {
        used += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used > room {
            break;
        }
        kept.push(c);
    }
    kept
}
