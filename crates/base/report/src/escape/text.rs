//! Control, bidirectional, invisible and unassigned characters.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar;

/// At most so many combining marks stay on one base character; more of them paint over neighbouring lines.
const MAX_MARKS: usize = 3;

/// True if a character shows as itself and does nothing to the text around it.
///
/// Control characters, bidirectional controls, zero-width and other format characters, blank fillers, separators other
/// than the space, private-use and unassigned characters are not.
pub fn is_inert(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // Blank or selecting characters that Unicode counts among letters and marks.
    if matches!(
        c,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    ) {
        return false;
    }
    // The standard library's table of printable characters. A base letter stands before it because the first
    // character of a string is also escaped when it is a combining mark.
    let mut buffer = [b'a', 0, 0, 0, 0];
    let end = 1 + c.encode_utf8(buffer.get_mut(1..).unwrap_or_default()).len();
    let pair = buffer.get(..end).and_then(|b| std::str::from_utf8(b).ok());
    pair.is_some_and(|pair| pair.escape_debug().nth(1) == Some(c))
}

/// Appends the visible form of a character that is not inert: `^[`, `\n`, `\u{202e}`.
pub fn visible_char(c: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{7f}' => out.push_str("^?"),
        c if c.is_ascii_control() => {
            out.push('^');
            out.push(char::from((c as u8) ^ 0x40));
        }
        c => {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
    }
}

/// One line of text in which nothing acts on the terminal or hides from the eye.
///
/// Meant for prose and names: tabs and line breaks become spaces when they only separate words.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = MAX_MARKS;
    for c in text.trim().chars() {
        if matches!(c, '\t' | '\n' | '\r') {
            if !out.ends_with(' ') {
                out.push(' ');
            }
            marks = MAX_MARKS;
        } else {
            push(c, &mut marks, &mut out);
        }
    }
    out
}

/// Source text: lines stay lines and tabs stay tabs, all else as in [`visible`].
pub fn source(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = MAX_MARKS;
    for c in text.chars() {
        if matches!(c, '\t' | '\n') {
            out.push(c);
            marks = MAX_MARKS;
        } else {
            push(c, &mut marks, &mut out);
        }
    }
    out
}

/// Appends a character, visibly. `marks` counts the combining marks on the last base character.
pub(crate) fn push(c: char, marks: &mut usize, out: &mut String) {
    if !is_inert(c) {
        visible_char(c, out);
        *marks = MAX_MARKS;
    } else if c.width() == Some(0) {
        if *marks < MAX_MARKS {
            *marks += 1;
            out.push(c);
        } else {
            visible_char(c, out);
        }
    } else {
        *marks = 0;
        out.push(c);
    }
}

/// Replaces what is not ASCII: the typographic characters that Foretaste itself writes by their like, all else by an
/// escape.
pub fn ascii(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '→' => out.push_str("->"),
            '←' => out.push_str("<-"),
            '…' => out.push_str("..."),
            '–' | '−' => out.push('-'),
            '—' => out.push_str("--"),
            '·' | '•' | '×' => out.push(if c == '×' { 'x' } else { '-' }),
            '‘' | '’' => out.push('\''),
            '“' | '”' => out.push('"'),
            '≥' => out.push_str(">="),
            '≤' => out.push_str("<="),
            c => visible_char(c, &mut out),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_becomes_visible() {
        for (hostile, shown) in [
            ("\u{1b}[31mred\u{1b}[0m", "^[[31mred^[[0m"),
            ("a\u{8}b\u{7f}c\u{0}", "a^Hb^?c^@"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("user\u{202e}gnp.exe", "user\\u{202e}gnp.exe"),
            ("pay\u{200b}pal\u{feff}", "pay\\u{200b}pal\\u{feff}"),
            ("a\u{2028}b\u{a0}c", "a\\u{2028}b\\u{a0}c"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("fill\u{3164}er\u{2800}", "fill\\u{3164}er\\u{2800}"),
            ("private\u{e000}", "private\\u{e000}"),
        ] {
            assert_eq!(visible(hostile), shown);
        }
    }

    #[test]
    fn letters_of_every_script_stay_as_they_are() {
        for text in [
            "naïve",
            "привет",
            "名前",
            "नमस्ते",
            "e\u{301}tude",
            "🦀 → ✓ …",
        ] {
            assert_eq!(visible(text), text);
        }
    }

    #[test]
    fn a_pile_of_combining_marks_is_cut_short() {
        let zalgo = format!("e{}", "\u{301}".repeat(9));
        assert_eq!(visible(&zalgo).matches("\\u{301}").count(), 6);
    }

    #[test]
    fn line_breaks_in_prose_become_one_space() {
        assert_eq!(visible(" one\r\n\ttwo "), "one two");
    }

    #[test]
    fn without_unicode_every_character_is_ascii() {
        assert_eq!(ascii("a → b … é"), "a -> b ... \\u{e9}");
        assert!(ascii("\u{202e}✗").is_ascii());
    }
}
