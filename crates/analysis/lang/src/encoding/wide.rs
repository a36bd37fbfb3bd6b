//! UTF-16 and UTF-32, with and without a byte order mark.

use std::borrow::Cow;

use super::{Decoded, saturate};

/// How wide characters are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wide {
    Utf16 { big: bool },
    Utf32 { big: bool },
}

/// Recognises wide text: by its mark, or by the pattern of zeros that ASCII makes in it.
pub(crate) fn wide(bytes: &[u8]) -> Option<Wide> {
    match bytes {
        [0xff, 0xfe, 0, 0, ..] => Some(Wide::Utf32 { big: false }),
        [0, 0, 0xfe, 0xff, ..] => Some(Wide::Utf32 { big: true }),
        [0xff, 0xfe, ..] => Some(Wide::Utf16 { big: false }),
        [0xfe, 0xff, ..] => Some(Wide::Utf16 { big: true }),
        _ => by_zeros(bytes.get(..2_048).unwrap_or(bytes)),
    }
}

fn by_zeros(sample: &[u8]) -> Option<Wide> {
    if sample.len() < 8 || memchr::memchr(0, sample).is_none() {
        return None;
    }
    // in wide ASCII one half of each pair is zero and the other is printable
    let (mut little, mut big) = (0, 0);
    let pairs = sample.len() / 2;
    let printable = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e);
    for pair in sample.as_chunks::<2>().0 {
        match *pair {
            [text, 0] if printable(text) => little += 1,
            [0, text] if printable(text) => big += 1,
            _ => {}
        }
    }
    if little * 10 >= pairs * 9 {
        Some(Wide::Utf16 { big: false })
    } else if big * 10 >= pairs * 9 {
        Some(Wide::Utf16 { big: true })
    } else {
        None
    }
}

impl Wide {
    /// Decodes; unpaired surrogates, impossible numbers and odd bytes at the end are replaced and counted.
    pub(super) fn decode(self, bytes: &[u8]) -> Decoded<'static> {
        let mut text = String::with_capacity(bytes.len());
        let mut invalid = 0;
        let name = match self {
            Self::Utf16 { big } => {
                let (units, rest) = bytes.as_chunks::<2>();
                let units = units.iter().map(|unit| {
                    if big {
                        u16::from_be_bytes(*unit)
                    } else {
                        u16::from_le_bytes(*unit)
                    }
                });
                for c in char::decode_utf16(units) {
                    text.push(c.unwrap_or_else(|_| {
                        invalid += 2;
                        char::REPLACEMENT_CHARACTER
                    }));
                }
                invalid += end(rest, &mut text);
                if big { "utf-16be" } else { "utf-16le" }
            }
            Self::Utf32 { big } => {
                let (units, rest) = bytes.as_chunks::<4>();
                for unit in units {
                    let number = if big {
                        u32::from_be_bytes(*unit)
                    } else {
                        u32::from_le_bytes(*unit)
                    };
                    text.push(char::from_u32(number).unwrap_or_else(|| {
                        invalid += 4;
                        char::REPLACEMENT_CHARACTER
                    }));
                }
                invalid += end(rest, &mut text);
                if big { "utf-32be" } else { "utf-32le" }
            }
        };
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Decoded::new(Cow::Owned(text), name, saturate(invalid))
    }
}

fn end(rest: &[u8], text: &mut String) -> usize {
    if !rest.is_empty() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
    rest.len()
}
