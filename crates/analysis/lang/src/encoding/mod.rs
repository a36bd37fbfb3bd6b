//! Bytes to text, in whatever encoding they are. Nothing is skipped: what is invalid is replaced and counted.

mod escapes;
mod wide;

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use foretaste_model::facts::{Problem, ProblemKind};

pub(crate) use wide::wide;

/// A file as text.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    /// The text, without its byte order mark.
    pub(crate) text: Cow<'a, str>,
    /// The encoding's name in lower case.
    pub(crate) encoding: Box<str>,
    /// Bytes that were replaced.
    pub(crate) invalid_bytes: u32,
    /// What was odd about it.
    pub(crate) problems: Vec<Problem>,
}

impl<'a> Decoded<'a> {
    fn new(text: Cow<'a, str>, encoding: &str, invalid_bytes: u32) -> Self {
        Self {
            text,
            encoding: encoding.into(),
            invalid_bytes,
            problems: Vec::new(),
        }
    }
}

/// Decodes a file. `python` files may declare their encoding in a comment (PEP 263).
pub(crate) fn decode(bytes: &[u8], python: bool) -> Decoded<'_> {
    let mut decoded = decode_plainly(bytes, python);
    if decoded.invalid_bytes > 0 {
        let message = format!(
            "{} bytes are invalid in {}",
            decoded.invalid_bytes, decoded.encoding
        );
        decoded.problems.push(problem(message));
    }
    let nuls = memchr::memchr_iter(0, decoded.text.as_bytes()).count();
    if nuls > 0 {
        decoded
            .problems
            .push(problem(format!("{nuls} NUL characters in the text")));
    }
    decoded
}

fn decode_plainly(bytes: &[u8], python: bool) -> Decoded<'_> {
    if let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf") {
        return utf8(rest);
    }
    if let Some(wide) = wide(bytes) {
        return wide.decode(bytes);
    }
    if python && let Some(label) = cookie(bytes) {
        if let Some(decoded) = escapes::decode(&label, bytes) {
            return decoded;
        }
        if let Some(encoding) = by_label(&label)
            && encoding != UTF_8
            && encoding.is_ascii_compatible()
        {
            return legacy(bytes, encoding, &label);
        }
        let mut decoded = guess(bytes);
        if by_label(&label).is_none() && !is_python_utf8(&label) {
            decoded.problems.push(problem(format!(
                "declares the encoding `{}`, which is not known here",
                label.chars().take(40).collect::<String>()
            )));
        }
        return decoded;
    }
    guess(bytes)
}

/// UTF-8, or the legacy encoding that an undeclared file most likely has.
fn guess(bytes: &[u8]) -> Decoded<'_> {
    let Err(error) = std::str::from_utf8(bytes) else {
        return utf8(bytes);
    };
    // one valid multi-byte character says UTF-8 with damage; none says a legacy encoding
    let multibyte = bytes
        .utf8_chunks()
        .take(10_000)
        .any(|chunk| !chunk.valid().is_ascii());
    if multibyte || error.error_len().is_none() {
        return utf8(bytes);
    }
    legacy(bytes, WINDOWS_1252, "latin-1")
}

fn utf8(bytes: &[u8]) -> Decoded<'_> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Decoded::new(Cow::Borrowed(text), "utf-8", 0);
    }
    let invalid: usize = bytes.utf8_chunks().map(|c| c.invalid().len()).sum();
    Decoded::new(String::from_utf8_lossy(bytes), "utf-8", saturate(invalid))
}

fn legacy<'a>(bytes: &'a [u8], encoding: &'static Encoding, label: &str) -> Decoded<'a> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    let invalid = if had_errors {
        memchr::memmem::find_iter(text.as_bytes(), "\u{fffd}".as_bytes()).count()
    } else {
        0
    };
    let name = match label {
        "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1" => "latin-1".to_owned(),
        _ => encoding.name().to_ascii_lowercase(),
    };
    Decoded::new(text, &name, saturate(invalid))
}

/// The encoding that one of the first two lines declares: `coding[:=]\s*([-\w.]+)` in a comment (PEP 263).
fn cookie(bytes: &[u8]) -> Option<String> {
    for line in bytes.split(|b| *b == b'\n').take(2) {
        let line = line.get(..400).unwrap_or(line);
        let trimmed = line.trim_ascii_start();
        if !trimmed.starts_with(b"#") {
            if trimmed.is_empty() {
                continue;
            }
            return None;
        }
        let Some(at) = memchr::memmem::find(trimmed, b"coding") else {
            continue;
        };
        let rest = trimmed.get(at + 6..).unwrap_or(&[]);
        let Some((b':' | b'=', rest)) = rest.split_first() else {
            continue;
        };
        let label: String = rest
            .trim_ascii_start()
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            .map(|b| char::from(b.to_ascii_lowercase()))
            .collect();
        if !label.is_empty() {
            return Some(label.replace('_', "-"));
        }
    }
    None
}

/// The encoding that Python means by a label.
fn by_label(label: &str) -> Option<&'static Encoding> {
    let label = match label {
        "latin-1" | "iso-latin-1" | "8859" => "latin1",
        "cp932" | "mbcs" => "shift_jis",
        "cp936" => "gbk",
        "cp949" => "euc-kr",
        "cp950" => "big5",
        "mac-roman" => "macintosh",
        other => other,
    };
    Encoding::for_label(label.as_bytes())
}

fn is_python_utf8(label: &str) -> bool {
    matches!(
        label,
        "utf8"
            | "utf-8"
            | "u8"
            | "utf"
            | "utf8-ucs2"
            | "utf8-ucs4"
            | "utf-8-sig"
            | "utf-8-unix"
            | "ascii"
            | "us-ascii"
            | "646"
    ) || label.starts_with("utf-8-")
}

fn problem(message: String) -> Problem {
    Problem {
        kind: ProblemKind::Encoding,
        span: None,
        message: message.into(),
    }
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_encoding_that_packages_use_is_read() {
        let utf16 = |text: &str, big: bool, mark: bool| {
            let mut bytes = Vec::new();
            for unit in mark
                .then_some(0xfeff)
                .into_iter()
                .chain(text.encode_utf16())
            {
                bytes.extend(if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                });
            }
            bytes
        };
        let utf32 = |text: &str, big: bool| {
            let mut bytes = Vec::new();
            for c in std::iter::once('\u{feff}').chain(text.chars()) {
                let c = c as u32;
                bytes.extend(if big {
                    c.to_be_bytes()
                } else {
                    c.to_le_bytes()
                });
            }
            bytes
        };
        let code = "import os\nprint('é')\n";
        let cases: Vec<(Vec<u8>, &str, &str, u32)> = vec![
            (code.into(), "utf-8", code, 0),
            (
                [b"\xef\xbb\xbf", code.as_bytes()].concat(),
                "utf-8",
                code,
                0,
            ),
            (utf16(code, false, true), "utf-16le", code, 0),
            (utf16(code, true, true), "utf-16be", code, 0),
            (utf16(code, false, false), "utf-16le", code, 0),
            (utf16(code, true, false), "utf-16be", code, 0),
            (utf32(code, false), "utf-32le", code, 0),
            (utf32(code, true), "utf-32be", code, 0),
            (b"x = '\xe9'".to_vec(), "latin-1", "x = 'é'", 0),
            (
                b"# coding: latin-1\n\xe9".to_vec(),
                "latin-1",
                "# coding: latin-1\né",
                0,
            ),
            (
                b"#!x\n# -*- coding: cp1251 -*-\n\xe9".to_vec(),
                "windows-1251",
                "#!x\n# -*- coding: cp1251 -*-\nй",
                0,
            ),
            (
                b"# vim: set fileencoding=shift_jis :\n\x82\xa0".to_vec(),
                "shift_jis",
                "# vim: set fileencoding=shift_jis :\nあ",
                0,
            ),
            (
                b"\xc3\xa9 \xff\xfe".to_vec(),
                "utf-8",
                "é \u{fffd}\u{fffd}",
                2,
            ),
            (b"abc\xe2\x82".to_vec(), "utf-8", "abc\u{fffd}", 2),
            (
                b"# coding: utf-7\n+AGUAdgBhAGw-('1')".to_vec(),
                "utf-7",
                "# coding: utf-7\neval('1')",
                0,
            ),
            (
                b"# coding: unicode_escape\n\\x65val\\u0028'1'\\051".to_vec(),
                "unicode-escape",
                "# coding: unicode_escape\neval('1')",
                0,
            ),
        ];
        for (bytes, encoding, text, invalid) in cases {
            let decoded = decode(&bytes, true);
            assert_eq!(
                (&*decoded.encoding, &*decoded.text, decoded.invalid_bytes),
                (encoding, text, invalid)
            );
        }
    }

    #[test]
    fn lone_surrogates_nuls_and_strange_declarations_are_told() {
        let mut lone = b"\xff\xfe".to_vec();
        for unit in [u16::from(b'a'), 0xd800, u16::from(b'b'), 0xdc00] {
            lone.extend(unit.to_le_bytes());
        }
        lone.push(7);
        let decoded = decode(&lone, false);
        assert_eq!(
            (&*decoded.text, decoded.invalid_bytes),
            ("a\u{fffd}b\u{fffd}\u{fffd}", 5)
        );
        assert_eq!(decode(b"a\0b", false).problems.len(), 1);
        let strange = decode(b"# coding: rot13\nvzcbeg bf", true);
        assert!(strange.problems[0].message.contains("rot13"));
        assert!(decode(b"# coding: utf8\nx", true).problems.is_empty());
        assert!(
            decode(b"# coding: utf-7\nx", true).problems[0]
                .message
                .contains("utf-7")
        );
    }

    proptest! {
        #[test]
        fn any_bytes_decode(bytes in prop::collection::vec(any::<u8>(), 0..300), python: bool) {
            let decoded = decode(&bytes, python);
            prop_assert!(decoded.text.len() <= bytes.len() * 3);
        }

        #[test]
        fn any_declared_bytes_decode(
            label in "utf-7|unicode_escape|raw_unicode_escape|gbk|utf-16|euc-jp|mbcs",
            bytes in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let file = [format!("# coding: {label}\n").as_bytes(), &bytes].concat();
            let _ = decode(&file, true);
        }
    }
}
