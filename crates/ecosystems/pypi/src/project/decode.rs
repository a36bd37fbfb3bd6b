//! Bytes to text as pip does it: byte-order marks, then a `coding:` comment (PEP 263), then UTF-8.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// The text, and whether some bytes fitted no encoding.
pub(super) fn decode(bytes: &[u8]) -> (Cow<'_, str>, bool) {
    let encoding = match bytes {
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        [0xef, 0xbb, 0xbf, ..] => UTF_8,
        _ => declared(bytes).unwrap_or(UTF_8),
    };
    let (text, _, broken) = encoding.decode(bytes);
    (text, broken)
}

/// The encoding that one of the first two lines names in a comment.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    bytes
        .split(|b| *b == b'\n')
        .take(2)
        .filter(|line| line.first() == Some(&b'#'))
        .find_map(|line| {
            let line = std::str::from_utf8(line).ok()?;
            let rest = line.split_once("coding")?.1;
            let rest = rest.strip_prefix([':', '='])?.trim_start();
            let end = rest
                .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
                .unwrap_or(rest.len());
            let label = rest.get(..end)?.to_ascii_lowercase().replace('_', "-");
            Encoding::for_label(label.as_bytes()).or_else(|| match &*label {
                "utf8" => Some(UTF_8),
                _ => label
                    .strip_prefix("latin-")
                    .and_then(|n| Encoding::for_label(format!("latin{n}").as_bytes())),
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_comments_decide() {
        let utf16: Vec<u8> = "\u{feff}flask"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, expected) in [
            (&b"\xef\xbb\xbfflask"[..], "flask"),
            (&utf16, "flask"),
            (
                b"# -*- coding: latin-1 -*-\n# \xe9",
                "# -*- coding: latin-1 -*-\n# é",
            ),
            ("# é".as_bytes(), "# é"),
        ] {
            assert_eq!(decode(bytes), (expected.into(), false));
        }
        assert!(decode(b"a\xff").1);
    }
}
