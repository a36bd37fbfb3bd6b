//! Facts as bytes: postcard, compressed where it helps, with what is needed to never misread them.
//!
//! ```text
//! format (1) · packing (1) · schema (8, LE) · checksum (8) · length of the plain record (4, LE) · record
//! ```
//!
//! A value of another format, of other types or with a wrong checksum is no error: it reads as absent.

use std::cell::RefCell;

use foretaste_model::facts::FACTS_SCHEMA;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// The layout of this header. Bump it when the header or the packing changes; the types have their own fingerprint.
pub(crate) const FORMAT: u8 = 1;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
const HEADER: usize = 22;

/// Records below this size are not worth a compressor's frame.
const COMPRESS_FROM: usize = 256;

/// Speed matters more than the last few per cent.
const LEVEL: i32 = 1;

/// No honest record is larger: facts are capped when they are built.
const MAX_PLAIN: usize = 64 << 20;

/// Encodes a record; none if it is too large to keep.
pub(crate) fn encode<T: Serialize + ?Sized>(record: &T) -> Option<Vec<u8>> {
    let plain = postcard::to_stdvec(record).ok()?;
    if plain.len() > MAX_PLAIN {
        return None;
    }
    let packed = (plain.len() >= COMPRESS_FROM)
        .then(|| compress(&plain))
        .flatten()
        .filter(|packed| packed.len() < plain.len());
    let (packing, body) = packed
        .as_deref()
        .map_or((PLAIN, plain.as_slice()), |packed| (ZSTD, packed));
    let mut value = Vec::with_capacity(HEADER + body.len());
    value.extend_from_slice(&[FORMAT, packing]);
    value.extend_from_slice(&FACTS_SCHEMA.to_le_bytes());
    value.extend_from_slice(&checksum(body));
    value.extend_from_slice(&u32::try_from(plain.len()).ok()?.to_le_bytes());
    value.extend_from_slice(body);
    Some(value)
}

thread_local! {
    /// Kept, because it is dear to make.
    static COMPRESSOR: RefCell<Option<zstd::bulk::Compressor<'static>>> =
        RefCell::new(zstd::bulk::Compressor::new(LEVEL).ok());
}

fn compress(plain: &[u8]) -> Option<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|compressor| compressor.as_mut()?.compress(plain).ok())
}

/// Decodes values; keeps the decompressor, which is dear to make.
pub(crate) struct Decoder(Option<zstd::bulk::Decompressor<'static>>);

impl Decoder {
    pub(crate) fn new() -> Self {
        Self(zstd::bulk::Decompressor::new().ok())
    }

    /// The record; none if it was written in another format, by other types, or is damaged.
    pub(crate) fn decode<T: DeserializeOwned>(&mut self, value: &[u8]) -> Option<T> {
        let (header, body) = value.split_at_checked(HEADER)?;
        let [FORMAT, packing, rest @ ..] = header else {
            return None;
        };
        let (schema, rest) = rest.split_at_checked(8)?;
        let (sum, length) = rest.split_at_checked(8)?;
        if schema != FACTS_SCHEMA.to_le_bytes() || sum != checksum(body) {
            return None;
        }
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        match *packing {
            PLAIN => postcard::from_bytes(body).ok(),
            ZSTD if length <= MAX_PLAIN => {
                let plain = self.0.as_mut()?.decompress(body, length).ok()?;
                postcard::from_bytes(&plain).ok()
            }
            _ => None,
        }
    }
}

/// The first eight bytes of the SHA-256: enough against damage, which is all it is for.
fn checksum(body: &[u8]) -> [u8; 8] {
    let digest = Sha256::digest(body);
    let mut sum = [0; 8];
    sum.copy_from_slice(&digest[..8]);
    sum
}

#[cfg(test)]
mod tests {
    use foretaste_model::Span;
    use foretaste_model::facts::{FileFacts, Language, Layer, Literal, LiteralKind};
    use proptest::prelude::*;

    use super::*;

    fn decode(value: &[u8]) -> Option<FileFacts> {
        Decoder::new().decode(value)
    }

    fn facts(value: &str, repeat: usize, layers: usize) -> FileFacts {
        let mut facts = FileFacts {
            language: Language::Python,
            literals: vec![
                Literal {
                    kind: LiteralKind::Url,
                    value: value.into(),
                    length: 7,
                    span: Span::on_line(1, 2, 3),
                    function: 0,
                };
                repeat
            ],
            ..FileFacts::default()
        };
        for _ in 0..layers {
            facts = FileFacts {
                layers: vec![Layer {
                    steps: vec!["base64".into()],
                    span: Span::on_line(4, 5, 6),
                    executed: true,
                    facts: Box::new(facts),
                }],
                ..FileFacts::default()
            };
        }
        facts
    }

    proptest! {
        #[test]
        fn what_was_encoded_reads_back(value in ".*", repeat in 0..200_usize, layers in 0..4_usize) {
            let facts = facts(&value, repeat, layers);
            let bytes = encode(&facts).unwrap();
            prop_assert_eq!(decode(&bytes), Some(facts));
        }

        #[test]
        fn any_change_of_a_value_reads_as_absent(at in 0..1_000_usize, bit in 0..8_u8) {
            let mut bytes = encode(&facts("https://c.example.invalid/", 90, 1)).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            // the length of a plain record and the high bytes of a packed one's are allowances, not content
            prop_assert!(decode(&bytes).is_none() || (18..22).contains(&at));
        }

        #[test]
        fn random_bytes_read_as_absent(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(decode(&bytes), None);
        }
    }

    #[test]
    fn values_of_other_formats_and_types_are_ignored() {
        let now = encode(&facts("x", 3, 0)).unwrap();
        assert!(decode(&now).is_some());
        for format in (0..=u8::MAX).filter(|f| *f != FORMAT) {
            let mut other = now.clone();
            other[0] = format;
            assert_eq!(decode(&other), None, "format {format}");
        }
        let mut other_types = now.clone();
        other_types[2] ^= 1;
        assert_eq!(decode(&other_types), None);
        let mut other_packing = now;
        other_packing[1] = 7;
        assert_eq!(decode(&other_packing), None);
    }

    #[test]
    fn large_records_shrink_and_small_ones_stay_plain() {
        let large = encode(&facts("https://c.example.invalid/", 500, 0)).unwrap();
        assert_eq!(large[1], ZSTD);
        assert!(large.len() < 2_000, "{}", large.len());
        assert_eq!(encode(&FileFacts::default()).unwrap()[1], PLAIN);
    }
}
