//! Long constants: texts in a text encoding, and noise.

use std::borrow::Cow;

use foretaste_model::facts::LiteralKind;

use super::Traits;
use crate::decode;

pub(super) fn classify<'v>(
    value: &'v str,
    sample: &str,
    traits: Traits,
    found: &mut Vec<(LiteralKind, Cow<'v, str>)>,
) {
    if found.iter().any(|(k, _)| *k == LiteralKind::Url) {
        return;
    }
    if let Some(url) = hidden_url(value) {
        found.push((LiteralKind::Encoded, Cow::Borrowed(value)));
        found.push((LiteralKind::Url, Cow::Owned(url)));
    } else if is_encoded(value, sample, traits) {
        found.push((LiteralKind::Encoded, Cow::Borrowed(value)));
    } else if found.is_empty() && value.len() >= 100 && is_noise(sample, traits) {
        found.push((LiteralKind::Opaque, Cow::Borrowed(value)));
    }
}

/// The address that a text says in base64 or base16.
fn hidden_url(value: &str) -> Option<String> {
    const LONGEST: usize = 2048;
    let text = value.trim().as_bytes();
    // "http"
    let decoded = if text.len() > LONGEST {
        return None;
    } else if text.starts_with(b"aHR0c") {
        decode::base64(text)?
    } else if text.starts_with(b"68747470") {
        decode::hex(text)?
    } else {
        return None;
    };
    let url = String::from_utf8(decoded).ok()?;
    let url = url.trim();
    let is_url = ["http://", "https://"].iter().any(|s| url.starts_with(s));
    (is_url && url.bytes().all(|b| b.is_ascii_graphic())).then(|| url.to_owned())
}

fn is_encoded(value: &str, sample: &str, traits: Traits) -> bool {
    if traits.backslash {
        let escapes = sample.matches("\\x").count() + sample.matches("\\u").count();
        // character classes of patterns are written in escapes too
        return escapes >= 8 && escapes * 4 >= sample.len() / 2 && !sample.contains('[');
    }
    if traits.non_ascii {
        return false;
    }
    let trimmed = sample.trim();
    let bytes = trimmed.as_bytes();
    if bytes
        .iter()
        .all(|b| b.is_ascii_hexdigit() || b.is_ascii_whitespace())
    {
        // digests have known lengths
        return value.len() >= 80
            && !matches!(value.len(), 96 | 128)
            && bytes.iter().any(u8::is_ascii_digit)
            && bytes.iter().filter(|b| b.is_ascii_alphabetic()).count() * 8 > bytes.len();
    }
    let base64 = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')
            || b.is_ascii_whitespace()
    };
    if bytes.iter().all(base64) {
        if bytes.iter().filter(|b| b.is_ascii_whitespace()).count() * 40 > bytes.len() {
            return false;
        }
        let lower = bytes.iter().filter(|b| b.is_ascii_lowercase()).count();
        let upper = bytes.iter().filter(|b| b.is_ascii_uppercase()).count();
        let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
        let marks = bytes
            .iter()
            .filter(|b| matches!(b, b'/' | b'-' | b'_'))
            .count();
        let base32 = lower == 0
            && value.len() >= 64
            && digits > 0
            && bytes
                .iter()
                .all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7' | b'='))
            && entropy(bytes) > 3.5;
        // words have few capitals and no digits; base64 has about two fifths each of capitals and small letters
        let mixed = upper * 6 > bytes.len()
            && lower * 6 > bytes.len()
            && digits * 40 > bytes.len()
            && marks * 12 < bytes.len()
            && in_words(bytes) * 3 < bytes.len()
            && entropy(bytes) > 4.2
            && !is_alphabet(bytes);
        return base32 || (mixed && decodes(trimmed));
    }
    let graphic = bytes.iter().all(u8::is_ascii_graphic);
    graphic
        && value.len() >= 100
        && entropy(bytes) > 5.0
        && (decode::base85(bytes).is_some_and(|d| entropy(&d) > 4.0) || bytes.starts_with(b"<~"))
}

/// True if it is base64 of something: with a plausible length.
fn decodes(text: &str) -> bool {
    let length = text
        .bytes()
        .filter(|b| !b.is_ascii_whitespace() && *b != b'=')
        .count();
    length % 4 != 1
}

/// Bytes that stand in runs of four and more small letters: parts of words.
fn in_words(bytes: &[u8]) -> usize {
    bytes
        .split(|b| !b.is_ascii_lowercase())
        .map(<[u8]>::len)
        .filter(|run| *run >= 4)
        .sum()
}

/// `abcdef…` and relatives: alphabets and character sets in their natural order.
fn is_alphabet(bytes: &[u8]) -> bool {
    let steps = bytes
        .windows(2)
        .filter(|w| matches!(w, [a, b] if a.wrapping_add(1) == *b))
        .count();
    steps * 2 > bytes.len()
}

fn is_noise(sample: &str, traits: Traits) -> bool {
    let bytes = sample.as_bytes();
    let blanks = bytes.iter().filter(|b| b.is_ascii_whitespace()).count();
    if distinct(bytes) < 24 || is_alphabet(bytes) {
        return false;
    }
    if traits.non_ascii {
        let control = sample
            .chars()
            .filter(|c| (c.is_control() && !c.is_whitespace()) || *c == '\u{fffd}')
            .count();
        return control * 8 > sample.chars().count();
    }
    let control = bytes
        .iter()
        .filter(|b| b.is_ascii_control() && !b.is_ascii_whitespace())
        .count();
    if control * 8 > bytes.len() {
        return true;
    }
    blanks * 50 < bytes.len() && entropy(bytes) > 5.2
}

/// True if binary data looks compressed, encrypted or compiled rather than like a table of numbers or a magic value.
pub fn is_opaque(data: &[u8]) -> bool {
    let head = data.get(..data.len().min(4096)).unwrap_or(data);
    let packed = matches!(
        head,
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]
            | [0x1f, 0x8b, ..]
            | [0xfd, b'7', b'z', b'X', ..]
            | [b'B', b'Z', b'h', ..]
    );
    let code = matches!(
        head,
        [0xe3 | 0x63, 0, 0, 0, ..] | [0x7f, b'E', b'L', b'F', ..] | [b'M', b'Z', ..]
    );
    ((packed || code) && data.len() >= 40)
        || (data.len() >= 256 && entropy(head) > 5.5 && distinct(head) > 64)
}

fn distinct(bytes: &[u8]) -> usize {
    let mut seen = [false; 256];
    for byte in bytes {
        seen[usize::from(*byte)] = true;
    }
    seen.iter().filter(|s| **s).count()
}

/// Shannon entropy in bits per byte.
pub fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0_u32; 256];
    for byte in bytes {
        counts[usize::from(*byte)] += 1;
    }
    let total = bytes.len().max(1) as f32;
    counts
        .iter()
        .filter(|c| **c > 0)
        .map(|c| {
            let p = *c as f32 / total;
            -p * p.log2()
        })
        .sum()
}
