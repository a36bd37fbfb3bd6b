//! Characters that deceive: bidirectional controls, invisible characters, hidden data, look-alikes, terminal controls.
//!
//! Honest uses are left out: a byte order mark, emoji sequences, joiners between letters that join, right-to-left
//! text with its own controls, prose with soft hints.

use std::cell::OnceCell;
use std::ops::Range;

use foretaste_model::facts::{Language, UnicodeOddity, UnicodeOddityKind};
use foretaste_observe::Places;

use crate::stack;

/// Where characters stand: what is honest in prose is not in code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Setting {
    /// A programming language or a manifest.
    Code,
    /// Prose and data.
    Prose,
}

/// So many invisible characters in a row carry data.
const HIDDEN_RUN: u32 = 8;

/// So many private-use characters in a row are no icons.
const PRIVATE_RUN: u32 = 24;

/// Finds oddities, one for each kind with its first place and count, in the order of the kinds.
pub(crate) fn oddities(
    places: &Places<'_>,
    setting: Setting,
    language: Language,
) -> Vec<UnicodeOddity> {
    let text = places.text();
    let mut found = Found::default();
    controls(text, &mut found);
    if !text.is_ascii() {
        Walk::new(text, setting, language).run(&mut found);
    }
    found.report(places)
}

/// For each kind: the first byte range and how often.
#[derive(Debug, Default)]
struct Found {
    kinds: [Option<(u32, u32, u32)>; 5],
}

impl Found {
    fn add(&mut self, kind: UnicodeOddityKind, start: usize, end: usize) {
        if let Some(slot) = self.kinds.get_mut(kind as usize) {
            match slot {
                Some((.., count)) => *count = count.saturating_add(1),
                None => *slot = Some((start as u32, end as u32, 1)),
            }
        }
    }

    fn report(&self, places: &Places<'_>) -> Vec<UnicodeOddity> {
        use UnicodeOddityKind as K;
        [
            K::Bidi,
            K::ZeroWidth,
            K::HiddenData,
            K::Homoglyph,
            K::ControlSequence,
        ]
        .into_iter()
        .filter_map(|kind| {
            let (start, end, count) = (*self.kinds.get(kind as usize)?)?;
            Some(UnicodeOddity {
                kind,
                span: places.span(start, end),
                count,
            })
        })
        .collect()
    }
}

/// Terminal control sequences: escape, backspace, and a carriage return that overwrites its own line.
fn controls(text: &str, found: &mut Found) {
    let bytes = text.as_bytes();
    for at in memchr::memchr2_iter(0x1b, 0x08, bytes) {
        found.add(UnicodeOddityKind::ControlSequence, at, at + 1);
    }
    // files with classic Mac line ends have no line feeds at all
    if memchr::memchr(b'\n', bytes).is_some() {
        for at in memchr::memchr_iter(b'\r', bytes) {
            let overwrites = matches!(bytes.get(at + 1), Some(b) if !matches!(b, b'\n' | b'\r'))
                && at > 0
                && !matches!(bytes.get(at - 1), Some(b'\n' | b'\r'));
            if overwrites {
                found.add(UnicodeOddityKind::ControlSequence, at, at + 1);
            }
        }
    }
}

/// What a character is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Plain,
    Bidi,
    Joiner,
    ZeroWidth,
    Filler,
    Selector,
    SelectorSupplement,
    Tag,
    Private,
    CyrillicAlike,
    GreekAlike,
    Cyrillic,
    RightToLeft,
    TerminalControl,
}

fn class(c: char) -> Class {
    match c as u32 {
        0x202a..=0x202e | 0x2066..=0x2069 => Class::Bidi,
        0x200c | 0x200d => Class::Joiner,
        0x200b | 0x2060..=0x2064 | 0x206a..=0x206f | 0xfeff | 0x180e => Class::ZeroWidth,
        0x3164 | 0xffa0 | 0x115f | 0x1160 | 0x2800 => Class::Filler,
        0xfe00..=0xfe0f => Class::Selector,
        0xe0100..=0xe01ef => Class::SelectorSupplement,
        0xe0000..=0xe007f => Class::Tag,
        0xe000..=0xf8ff | 0xf_0000..=0xf_fffd | 0x10_0000..=0x10_fffd => Class::Private,
        0x90 | 0x9b | 0x9d | 0x9e | 0x9f => Class::TerminalControl,
        0x0590..=0x08ff
        | 0xfb1d..=0xfdff
        | 0xfe70..=0xfefc
        | 0x1_0800..=0x1_0fff
        | 0x1_e800..=0x1_efff => Class::RightToLeft,
        0x0400..=0x052f => {
            if "асеорхуіјѕһԁӏԛԝАВСЕНІЈКМОРЅТХҮԌ".contains(c) {
                Class::CyrillicAlike
            } else {
                Class::Cyrillic
            }
        }
        0x0370..=0x03ff => {
            if "οΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ".contains(c) {
                Class::GreekAlike
            } else {
                Class::Plain
            }
        }
        _ => Class::Plain,
    }
}

/// One pass over the lines that have characters outside ASCII.
struct Walk<'a> {
    text: &'a str,
    setting: Setting,
    language: Language,
    /// Strings over several lines, once somebody asks.
    long_strings: OnceCell<Vec<Range<usize>>>,
}

/// A run of invisible characters of one family.
#[derive(Clone, Copy, Debug)]
struct Run {
    class: Class,
    start: usize,
    end: usize,
    length: u32,
}

/// A word while it is read: its letters by script.
#[derive(Clone, Copy, Debug, Default)]
struct Word {
    start: usize,
    ascii: u32,
    alike: u32,
    other: bool,
}

impl<'a> Walk<'a> {
    const fn new(text: &'a str, setting: Setting, language: Language) -> Self {
        Self {
            text,
            setting,
            language,
            long_strings: OnceCell::new(),
        }
    }

    /// True for a line that lies within a string of several lines: what it shows in another order begins and ends there, and
    /// no code stands on it. An example of such an attack in a docstring is none.
    fn is_quoted(&self, from: usize, to: usize) -> bool {
        self.language == Language::Python
            && self
                .long_strings
                .get_or_init(|| {
                    stack::large(|| foretaste_python::long_strings(self.text)).unwrap_or_default()
                })
                .iter()
                .any(|string| string.start < from && to < string.end)
    }

    fn run(&self, found: &mut Found) {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(next) = next_non_ascii(bytes, at) {
            let start =
                memchr::memrchr(b'\n', bytes.get(..next).unwrap_or(&[])).map_or(0, |i| i + 1);
            // very long lines are taken in pieces, so that a line's own facts stay local
            let start = start.max(next.saturating_sub(400)).max(at);
            let start = ceil_boundary(self.text, start);
            let end = memchr::memchr(b'\n', bytes.get(next..).unwrap_or(&[]))
                .map_or(bytes.len(), |i| next + i);
            let end = ceil_boundary(self.text, end.min(next + 64 * 1024));
            self.line(start, end, found);
            at = end;
        }
    }

    fn line(&self, from: usize, to: usize, found: &mut Found) {
        let line = self.text.get(from..to).unwrap_or("");
        let code = self.setting == Setting::Code && !is_comment(line);
        let mut bidi = Vec::new();
        let mut homoglyphs = Vec::new();
        let (mut right_to_left, mut cyrillic) = (0_usize, false);
        let mut run: Option<Run> = None;
        let mut word = Word::default();
        let mut previous = '\n';
        let mut chars = line.char_indices().peekable();
        while let Some((offset, c)) = chars.next() {
            let at = from + offset;
            let next = chars.peek().map_or('\n', |(_, c)| *c);
            let class = if c.is_ascii() { Class::Plain } else { class(c) };
            match class {
                Class::Bidi => bidi.push((at, at + c.len_utf8())),
                Class::RightToLeft => right_to_left += 1,
                Class::Cyrillic => cyrillic = true,
                Class::TerminalControl => {
                    found.add(UnicodeOddityKind::ControlSequence, at, at + c.len_utf8());
                }
                _ => {}
            }
            if is_invisible(class) {
                let end = at + c.len_utf8();
                run = Some(match run {
                    Some(run)
                        if run.class == class
                            || (run.class != Class::Private && class != Class::Private) =>
                    {
                        Run {
                            end,
                            length: run.length + 1,
                            ..run
                        }
                    }
                    before => {
                        self.close(before, previous, c, code, found);
                        Run {
                            class,
                            start: at,
                            end,
                            length: 1,
                        }
                    }
                });
                let last = chars
                    .peek()
                    .is_none_or(|(_, c)| !is_invisible(self::class(*c)));
                if last {
                    self.close(
                        run.take(),
                        visible_before(self.text, run_start(at, from, self.text)),
                        next,
                        code,
                        found,
                    );
                }
            }
            // words for look-alikes; invisible characters do not end a word
            if c.is_alphanumeric() || c == '_' {
                if word.ascii + word.alike == 0 && !word.other {
                    word.start = at;
                }
                match class {
                    Class::CyrillicAlike | Class::GreekAlike => word.alike += 1,
                    Class::Plain if c.is_ascii_alphabetic() => word.ascii += 1,
                    Class::Plain if c.is_ascii() => {}
                    _ => word.other = true,
                }
            } else if !is_invisible(class) {
                close_word(&mut word, at, &mut homoglyphs);
            }
            if !is_invisible(class) {
                previous = c;
            }
        }
        close_word(&mut word, to, &mut homoglyphs);
        if !bidi.is_empty() && self.is_quoted(from, to) {
            bidi.clear();
        }
        listed(self.text, &mut bidi);
        bidi.retain(|mark| !is_entry(line, mark.0 - from, mark.1 - from));
        // a line with enough right-to-left letters for its controls is right-to-left text
        if !bidi.is_empty() && right_to_left < bidi.len() {
            let overrides = |(start, end): &(usize, usize)| {
                matches!(self.text.get(*start..*end), Some("\u{202d}" | "\u{202e}"))
            };
            for mark in &bidi {
                if self.setting == Setting::Code || overrides(mark) {
                    found.add(UnicodeOddityKind::Bidi, mark.0, mark.1);
                }
            }
        }
        // on a line of Cyrillic prose a mixed word is a suffix or a slip
        if code && !cyrillic {
            for (start, end) in homoglyphs {
                found.add(UnicodeOddityKind::Homoglyph, start, end);
            }
        }
    }

    /// Judges a finished run of invisible characters by its length and its neighbours.
    fn close(&self, run: Option<Run>, before: char, after: char, code: bool, found: &mut Found) {
        let Some(run) = run else { return };
        let spelled = self.text.get(run.start..run.end).unwrap_or("");
        if before == '\u{1f3f4}' && is_flag(spelled) {
            return;
        }
        let hidden = match run.class {
            Class::Private => run.length >= PRIVATE_RUN && self.setting == Setting::Code,
            // England, Scotland, Wales: a black flag and up to six tags
            Class::Tag => run.length >= 2 && !(before == '\u{1f3f4}' && run.length <= 8),
            Class::Selector | Class::SelectorSupplement => run.length >= 3,
            _ => run.length >= HIDDEN_RUN,
        };
        if hidden {
            for _ in 0..run.length {
                found.add(UnicodeOddityKind::HiddenData, run.start, run.end);
            }
            return;
        }
        let honest = match run.class {
            // variation selectors choose a form of the character before them
            Class::Selector | Class::SelectorSupplement => {
                !before.is_ascii() || matches!(before, '0'..='9' | '#' | '*')
            }
            // between letters that join, or in an emoji sequence; a break between letters without spaces
            Class::Joiner | Class::ZeroWidth => {
                run.length <= 2 && (!before.is_ascii() || !after.is_ascii())
            }
            Class::Filler => !before.is_ascii() || !after.is_ascii(),
            Class::Tag => before == '\u{1f3f4}',
            _ => true,
        };
        // a single character between quotes is an entry of a table
        let entry = run.length == 1 && before == after && matches!(before, '\'' | '"');
        if !honest && !entry && code {
            found.add(UnicodeOddityKind::ZeroWidth, run.start, run.end);
        }
    }
}

/// Drops the controls of a table: four or more side by side in the order of their numbers, between other invisible
/// characters, escapes or the brackets of a set. Text that they could reorder stands beside none of them.
fn listed(text: &str, bidi: &mut Vec<(usize, usize)>) {
    let at = |mark: &(usize, usize)| text.get(mark.0..mark.1).unwrap_or("");
    let beside = |c: Option<char>, bracket: char| {
        c.is_some_and(|c| c == bracket || c == '\\' || is_invisible(class(c)))
    };
    let mut kept = Vec::with_capacity(bidi.len());
    for run in bidi.chunk_by(|a, b| a.1 == b.0 && at(a) < at(b)) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let before = text.get(..first.0).unwrap_or("");
        let after = text.get(last.1..).unwrap_or("").chars().next();
        // an escape ends in hexadecimal digits
        let end = before.as_bytes();
        let end = end.get(end.len().saturating_sub(6)..).unwrap_or(end);
        let mut escape = end.rsplitn(2, |b| *b == b'\\');
        let letter = escape.next().and_then(<[u8]>::first);
        let escaped = escape.next().is_some() && matches!(letter, Some(b'u' | b'x'));
        let table = run.len() >= 4
            && (escaped || beside(before.chars().next_back(), '['))
            && beside(after, ']');
        if !table {
            kept.extend_from_slice(run);
        }
    }
    *bidi = kept;
}

/// True for a control that is a whole text by itself, with no code behind it on its line that it could reorder: an entry of a
/// table of characters.
fn is_entry(line: &str, start: usize, end: usize) -> bool {
    let quote = line
        .get(..start)
        .and_then(|before| before.chars().next_back());
    let after = line.get(end..).unwrap_or("");
    quote.is_some_and(|q| matches!(q, '\'' | '"') && after.starts_with(q))
        && after.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, ' ' | '"' | '\'' | ':' | ',' | '_' | ']' | '}')
        })
}

fn close_word(word: &mut Word, end: usize, homoglyphs: &mut Vec<(usize, usize)>) {
    let Word {
        start,
        ascii,
        alike,
        other,
    } = *word;
    let mixed = ascii > 0 && alike > 0 && ascii + alike >= 3;
    let imitates = ascii == 0 && alike >= 4;
    if !other && (mixed || imitates) {
        homoglyphs.push((start, end));
    }
    *word = Word::default();
}

/// The tags of the flag of a subdivision, after a black flag: up to six letters or digits and the cancel tag. Some tables
/// of emoji put joiners between them.
fn is_flag(tags: &str) -> bool {
    let mut spelled: Vec<char> = tags.chars().filter(|c| *c != '\u{200d}').collect();
    spelled.pop() == Some('\u{e007f}')
        && (3..=6).contains(&spelled.len())
        && spelled
            .iter()
            .all(|c| matches!(*c as u32, 0xe0030..=0xe0039 | 0xe0061..=0xe007a))
        && tags.chars().count() <= 16
}

const fn is_invisible(class: Class) -> bool {
    matches!(
        class,
        Class::Joiner
            | Class::ZeroWidth
            | Class::Filler
            | Class::Selector
            | Class::SelectorSupplement
            | Class::Tag
            | Class::Private
    )
}

/// The first byte of the run of invisible characters that ends with the character at `at`.
fn run_start(at: usize, from: usize, text: &str) -> usize {
    let mut start = at;
    for (offset, c) in text.get(from..at).unwrap_or("").char_indices().rev() {
        if !is_invisible(class(c)) {
            break;
        }
        start = from + offset;
    }
    start
}

/// The character before a byte offset; a line break at the beginning.
fn visible_before(text: &str, at: usize) -> char {
    text.get(..at)
        .and_then(|t| t.chars().next_back())
        .unwrap_or('\n')
}

/// Comments are prose: what is invisible there does nothing.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    ["#", "//", "/*", "* ", "--", "<!--", "REM ", "rem "]
        .iter()
        .any(|c| line.starts_with(c))
        && !line.starts_with("#!")
        && !line.contains("*/")
}

fn next_non_ascii(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    let (chunks, tail) = rest.as_chunks::<32>();
    for (index, chunk) in chunks.iter().enumerate() {
        if !chunk.is_ascii() {
            let inner = chunk.iter().position(|b| !b.is_ascii())?;
            return Some(from + index * 32 + inner);
        }
    }
    let inner = tail.iter().position(|b| !b.is_ascii())?;
    Some(from + chunks.len() * 32 + inner)
}

fn ceil_boundary(text: &str, mut at: usize) -> usize {
    while at < text.len() && !text.is_char_boundary(at) {
        at += 1;
    }
    at.min(text.len())
}

#[cfg(test)]
mod tests;
