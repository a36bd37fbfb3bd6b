//! Encodings that Python accepts for source and that hide it from everybody who reads the bytes: UTF-7 and escapes.

use std::borrow::Cow;

use super::{Decoded, problem, saturate};

/// Decodes source in one of these encodings, and says that it is odd. None for all others.
pub(super) fn decode(label: &str, bytes: &[u8]) -> Option<Decoded<'static>> {
    let (text, name, invalid) = match label {
        "utf-7" | "utf7" | "u7" | "unicode-1-1-utf-7" => {
            let (text, invalid) = utf7(bytes);
            (text, "utf-7", invalid)
        }
        "unicode-escape" | "unicodeescape" => (escapes(bytes, true), "unicode-escape", 0),
        "raw-unicode-escape" | "rawunicodeescape" => {
            (escapes(bytes, false), "raw-unicode-escape", 0)
        }
        _ => return None,
    };
    let mut decoded = Decoded::new(Cow::Owned(text), name, saturate(invalid));
    decoded.problems.push(problem(format!(
        "declares the encoding `{name}`: Python runs other text than the bytes show"
    )));
    Some(decoded)
}

/// RFC 2152: `+` begins modified base64 of UTF-16, `-` ends it, `+-` is a plus.
fn utf7(bytes: &[u8]) -> (String, usize) {
    let mut text = String::with_capacity(bytes.len());
    let mut invalid = 0;
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'+' {
            if first.is_ascii() {
                text.push(char::from(*first));
            } else {
                text.push(char::REPLACEMENT_CHARACTER);
                invalid += 1;
            }
            continue;
        }
        if let Some(after) = rest.strip_prefix(b"-") {
            text.push('+');
            rest = after;
            continue;
        }
        let length = rest
            .iter()
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
            .count();
        let (run, after) = rest.split_at(length);
        rest = after.strip_prefix(b"-").unwrap_or(after);
        let (mut bits, mut held) = (0_u32, 0_u32);
        let mut units = Vec::with_capacity(run.len() * 3 / 8 + 1);
        for byte in run {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                _ => 63,
            };
            bits = (bits << 6 | u32::from(six)) & 0x003f_ffff;
            held += 6;
            if held >= 16 {
                held -= 16;
                units.push((bits >> held) as u16);
            }
        }
        for c in char::decode_utf16(units) {
            text.push(c.unwrap_or_else(|_| {
                invalid += 2;
                char::REPLACEMENT_CHARACTER
            }));
        }
    }
    (text, invalid)
}

/// Latin-1 with `\uXXXX` and `\UXXXXXXXX`, and all of Python's other escapes if `all`.
fn escapes(bytes: &[u8], all: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            text.push(char::from(*first));
            continue;
        }
        let Some((kind, after)) = rest.split_first() else {
            text.push('\\');
            break;
        };
        let digits = match kind {
            b'u' => 4,
            b'U' => 8,
            b'x' if all => 2,
            _ => 0,
        };
        if digits > 0 {
            let number = after
                .get(..digits)
                .and_then(|d| std::str::from_utf8(d).ok())
                .and_then(|d| u32::from_str_radix(d, 16).ok());
            if let Some(number) = number {
                text.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = after.get(digits..).unwrap_or(&[]);
                continue;
            }
        }
        if !all {
            text.push('\\');
            continue;
        }
        if matches!(kind, b'0'..=b'7') {
            let length = rest
                .iter()
                .take(3)
                .take_while(|b| matches!(b, b'0'..=b'7'))
                .count();
            let (octal, after) = rest.split_at(length);
            let number = octal.iter().fold(0, |n, b| n * 8 + u32::from(b - b'0'));
            text.push(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER));
            rest = after;
            continue;
        }
        let plain = match kind {
            b'n' => Some('\n'),
            b't' => Some('\t'),
            b'r' => Some('\r'),
            b'a' => Some('\x07'),
            b'b' => Some('\x08'),
            b'f' => Some('\x0c'),
            b'v' => Some('\x0b'),
            b'\\' => Some('\\'),
            b'\'' => Some('\''),
            b'"' => Some('"'),
            b'\n' => None,
            other => {
                text.push('\\');
                Some(char::from(*other))
            }
        };
        text.extend(plain);
        rest = after;
    }
    text
}
