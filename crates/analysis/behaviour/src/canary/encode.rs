//! How a value can be written. Encodings that depend on where the value stands (base64) give what is the same at each place.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};

/// Every way in which a value is looked for, except under a key: the encoding's name and the bytes.
pub(super) fn all(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let bytes = value.as_bytes();
    let mut ways = vec![("plain", bytes.to_vec())];
    for (name, alphabet) in [("base64", STANDARD), ("base64", URL_SAFE)] {
        let engine = GeneralPurpose::new(&alphabet, NO_PAD);
        ways.extend((0..3).map(|offset| (name, shifted(&engine, bytes, offset))));
    }
    let twice = base64::engine::general_purpose::STANDARD_NO_PAD;
    for offset in 0..3 {
        let once = shifted(&twice, bytes, offset);
        ways.extend((0..3).map(|offset| ("base64 twice", shifted(&twice, &once, offset))));
    }
    ways.extend((0..5).map(|offset| ("base32", base32(bytes, offset))));
    let hex = hex::encode(bytes);
    ways.push(("hex", hex.to_uppercase().into_bytes()));
    ways.push(("hex", hex.into_bytes()));
    ways.push((
        "url",
        percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
            .into_bytes(),
    ));
    ways.push(("reversed", bytes.iter().rev().copied().collect()));
    ways.push(("rot13", bytes.iter().map(|byte| rot13(*byte)).collect()));
    ways.push((
        "utf-16",
        value.encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ));
    ways
}

/// What each byte is against the one before it. One key over all bytes does not change that, whichever it is.
pub(super) fn differences(bytes: &[u8], into: &mut Vec<u8>) {
    let after = bytes.get(1..).unwrap_or(&[]);
    into.clear();
    into.extend(bytes.iter().zip(after).map(|(a, b)| a ^ b));
}

/// The part of the base64 text that does not depend on what stands before and after, for a value that begins `offset`
/// bytes into a group of three.
fn shifted(engine: &GeneralPurpose, bytes: &[u8], offset: usize) -> Vec<u8> {
    let padded = [&vec![0; offset][..], bytes].concat();
    let text = engine.encode(&padded).into_bytes();
    let from = if offset == 0 { 0 } else { offset + 1 };
    let to = padded.len() * 8 / 6;
    text.get(from..to).unwrap_or(&[]).to_vec()
}

fn base32(bytes: &[u8], offset: usize) -> Vec<u8> {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let padded = [&vec![0; offset][..], bytes].concat();
    let bit = |at: usize| {
        padded
            .get(at / 8)
            .map_or(0, |byte| byte >> (7 - at % 8) & 1)
    };
    let from = (offset * 8).div_ceil(5);
    let to = padded.len() * 8 / 5;
    (from..to)
        .map(|digit| {
            ALPHABET[usize::from((0..5).fold(0, |value, at| value << 1 | bit(digit * 5 + at)))]
        })
        .collect()
}

const fn rot13(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => (byte - b'a' + 13) % 26 + b'a',
        b'A'..=b'Z' => (byte - b'A' + 13) % 26 + b'A',
        _ => byte,
    }
}
