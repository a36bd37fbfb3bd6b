//! Undoes text encodings and compression of constants, stacked and bounded.

use std::borrow::Cow;
use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The most bytes that one decode step may yield.
pub const MAX_OUTPUT: usize = 4 << 20;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Base64, standard or URL-safe; blanks and line breaks are skipped, padding is optional.
pub fn base64(text: &[u8]) -> Option<Vec<u8>> {
    if text.len() > MAX_OUTPUT * 4 / 3 {
        return None;
    }
    let compact = without_blanks(text);
    let engine = if compact.iter().any(|b| matches!(b, b'-' | b'_')) {
        &URL_SAFE
    } else {
        &STANDARD
    };
    engine.decode(&*compact).ok()
}

/// Base32 (RFC 4648), upper or lower case, padding optional.
pub fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len().min(MAX_OUTPUT) * 5 / 8);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        let value = match byte.to_ascii_uppercase() {
            b @ b'A'..=b'Z' => b - b'A',
            b @ b'2'..=b'7' => b - b'2' + 26,
            b'=' => continue,
            _ => return None,
        };
        buffer = (buffer << 5 | u32::from(value)) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            out.push((buffer >> bits) as u8);
        }
        if out.len() > MAX_OUTPUT {
            return None;
        }
    }
    Some(out)
}

/// Base16, blanks skipped.
pub fn hex(text: &[u8]) -> Option<Vec<u8>> {
    let compact = without_blanks(text);
    if !compact.len().is_multiple_of(2) || compact.len() > MAX_OUTPUT * 2 {
        return None;
    }
    let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
    compact
        .chunks_exact(2)
        .map(|pair| match pair {
            [a, b] => Some(digit(*a)? << 4 | digit(*b)?),
            _ => None,
        })
        .collect()
}

/// Base85 as Git and Python's `b85encode` write it.
pub fn base85(text: &[u8]) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 85] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    radix85(text, |b| {
        ALPHABET.iter().position(|a| *a == b).map(|p| p as u32)
    })
}

/// Ascii85 as Adobe and Python's `a85encode` write it, `<~ ~>` optional.
pub fn ascii85(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"<~").unwrap_or(text);
    let text = text.strip_suffix(b"~>").unwrap_or(text);
    let mut expanded = Vec::with_capacity(text.len());
    for byte in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        match byte {
            b'z' => expanded.extend_from_slice(b"!!!!!"),
            b'y' => expanded.extend_from_slice(b"+<VdL"),
            b => expanded.push(*b),
        }
    }
    radix85(&expanded, |b| {
        (b'!'..=b'u').contains(&b).then(|| u32::from(b - b'!'))
    })
}

fn radix85(text: &[u8], digit: impl Fn(u8) -> Option<u32>) -> Option<Vec<u8>> {
    if text.len() > MAX_OUTPUT {
        return None;
    }
    let mut out = Vec::with_capacity(text.len() * 4 / 5 + 4);
    for chunk in text.chunks(5) {
        let mut value = 0_u64;
        for i in 0..5 {
            let digit = match chunk.get(i) {
                Some(b) => digit(*b)?,
                None => 84,
            };
            value = value * 85 + u64::from(digit);
        }
        let word = u32::try_from(value).ok()?.to_be_bytes();
        let keep = chunk.len().saturating_sub(1);
        out.extend_from_slice(word.get(..keep)?);
    }
    Some(out)
}

/// Zlib, gzip or raw deflate, whichever fits. A cut tail keeps what came before it.
pub fn inflate(data: &[u8]) -> Option<Vec<u8>> {
    match data {
        [0x1f, 0x8b, ..] => read(flate2::read::GzDecoder::new(data)),
        [first, second, ..]
            if first & 0x0f == 8
                && (u32::from(*first) * 256 + u32::from(*second)).is_multiple_of(31) =>
        {
            read(flate2::read::ZlibDecoder::new(data))
        }
        _ => read(flate2::read::DeflateDecoder::new(data)),
    }
}

/// Bzip2.
pub fn bunzip2(data: &[u8]) -> Option<Vec<u8>> {
    data.starts_with(b"BZh")
        .then(|| read(bzip2::read::BzDecoder::new(data)))?
}

/// LZMA, in an `.xz` or `.lzma` container.
pub fn unlzma(data: &[u8]) -> Option<Vec<u8>> {
    let memory = 64 << 20;
    let stream = liblzma::stream::Stream::new_auto_decoder(memory, 0).ok()?;
    read(liblzma::read::XzDecoder::new_stream(data, stream))
}

/// Uuencode, with or without its `begin` and `end` lines.
pub fn uu(data: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(data.len() / 4 * 3);
    for line in data.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"begin ") || line.is_empty() {
            continue;
        }
        if line == b"end" {
            break;
        }
        let (count, line) = line.split_first()?;
        let count = usize::from(count.checked_sub(32)? & 63);
        let mut bytes = Vec::with_capacity(count + 3);
        for group in line.chunks(4) {
            let mut word = 0_u32;
            for i in 0..4 {
                // trailing blanks may have been cut off
                let digit = group.get(i).copied().unwrap_or(b' ');
                word = word << 6 | u32::from(digit.checked_sub(32)? & 63);
            }
            bytes.extend_from_slice(word.to_be_bytes().get(1..)?);
        }
        bytes.truncate(count);
        out.extend(bytes);
        if out.len() > MAX_OUTPUT {
            return None;
        }
    }
    (!out.is_empty()).then_some(out)
}

fn read(reader: impl std::io::Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let result = reader.take(MAX_OUTPUT as u64).read_to_end(&mut out);
    (result.is_ok() || out.len() >= 64).then_some(out)
}

/// ROT13.
pub fn rot13(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'a'..='m' | 'A'..='M' => char::from(c as u8 + 13),
            'n'..='z' | 'N'..='Z' => char::from(c as u8 - 13),
            c => c,
        })
        .collect()
}

/// `\x41`, `\u0041`, `\101` and the short escapes, as Python and JavaScript read them; unknown ones stay.
pub fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(rest.get(..at).unwrap_or(""));
        let tail = rest.get(at + 1..).unwrap_or("");
        let (decoded, used) = escape(tail);
        match decoded {
            Some(c) => out.push(c),
            None => out.push('\\'),
        }
        rest = tail.get(used..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

/// The character of an escape after its backslash, and the bytes it takes.
fn escape(tail: &str) -> (Option<char>, usize) {
    let digits = |from: usize, length: usize, radix: u32| {
        tail.get(from..from + length)
            .filter(|d| d.chars().all(|c| c.is_digit(radix)))
            .and_then(|d| u32::from_str_radix(d, radix).ok())
            .and_then(char::from_u32)
            .map(|c| (Some(c), from + length))
    };
    let found = match tail.as_bytes().first() {
        Some(b'n') => Some((Some('\n'), 1)),
        Some(b't') => Some((Some('\t'), 1)),
        Some(b'r') => Some((Some('\r'), 1)),
        Some(b'\\') => Some((Some('\\'), 1)),
        Some(b'\'') => Some((Some('\''), 1)),
        Some(b'"') => Some((Some('"'), 1)),
        Some(b'x') => digits(1, 2, 16),
        Some(b'u') => digits(1, 4, 16),
        Some(b'U') => digits(1, 8, 16),
        Some(b'0'..=b'7') => digits(0, 3, 8)
            .or_else(|| digits(0, 2, 8))
            .or_else(|| digits(0, 1, 8)),
        _ => None,
    };
    found.unwrap_or((None, 0))
}

/// `%41` escapes of URLs.
pub fn percent(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let decoded = (*byte == b'%')
            .then(|| text.get(at + 1..at + 3).and_then(hex))
            .flatten();
        if let Some(decoded) = decoded {
            out.extend(decoded);
            at += 3;
        } else {
            out.push(*byte);
            at += 1;
        }
    }
    out
}

/// Peels encodings off a constant until something readable as code appears: steps, outermost first, and the text.
/// At most four steps.
pub fn peel(text: &[u8]) -> Option<(Vec<Box<str>>, String)> {
    let mut steps: Vec<Box<str>> = Vec::new();
    let mut data = Cow::Borrowed(text);
    for _ in 0..4 {
        let (name, next) = one_step(&data)?;
        steps.push(name.into());
        if let Ok(decoded) = std::str::from_utf8(&next)
            && looks_like_code(decoded)
        {
            return Some((steps, decoded.to_owned()));
        }
        data = Cow::Owned(next);
    }
    None
}

fn one_step(data: &[u8]) -> Option<(&'static str, Vec<u8>)> {
    let data = data.trim_ascii();
    if data.len() < 16 {
        return None;
    }
    match data {
        [0x1f, 0x8b, ..] | [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => {
            return inflate(data).map(|d| ("zlib", d));
        }
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => return bunzip2(data).map(|d| ("bz2", d)),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => return unlzma(data).map(|d| ("lzma", d)),
        _ => {}
    }
    let sample = data.get(..data.len().min(4096)).unwrap_or(data);
    if !sample.is_ascii() {
        return None;
    }
    let all = |f: fn(&u8) -> bool| sample.iter().all(|b| f(b) || b.is_ascii_whitespace());
    if all(u8::is_ascii_hexdigit) {
        return hex(data).map(|d| ("hex", d));
    }
    if all(|b| matches!(b, b'A'..=b'Z' | b'2'..=b'7' | b'=')) && data.len() > 40 {
        return base32(data).map(|d| ("base32", d));
    }
    if all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'-' | b'_')) {
        // the other direction first where padding stands in front: a reversed text
        if data.first() == Some(&b'=') {
            let reversed: Vec<u8> = data.iter().rev().copied().collect();
            return base64(&reversed).map(|d| ("reverse+base64", d));
        }
        return base64(data).map(|d| ("base64", d));
    }
    if sample.starts_with(b"\\x") || sample.starts_with(b"\\u") {
        let text = std::str::from_utf8(data).ok()?;
        return Some(("escapes", unescape(text).into_bytes()));
    }
    if sample.starts_with(b"%") {
        return Some(("percent", percent(data)));
    }
    if !sample.iter().any(u8::is_ascii_whitespace) {
        return base85(data).map(|d| ("base85", d));
    }
    None
}

/// True if a text reads like program code or a command, rather than prose, data or noise.
pub fn looks_like_code(text: &str) -> bool {
    const SIGNS: &[(&str, u8)] = &[
        ("import ", 2),
        ("exec(", 2),
        ("eval(", 2),
        ("__import__", 3),
        ("def ", 1),
        ("class ", 1),
        ("print(", 1),
        ("return ", 1),
        ("lambda", 1),
        ("subprocess", 2),
        ("os.system", 3),
        ("requests.", 2),
        ("urlopen", 2),
        ("socket", 2),
        ("base64", 1),
        ("require(", 2),
        ("function", 1),
        ("=> {", 1),
        ("=>{", 1),
        ("const ", 1),
        ("var ", 1),
        ("let ", 1),
        ("process.env", 3),
        ("child_process", 3),
        ("powershell", 3),
        ("#!/", 3),
        ("curl ", 2),
        ("wget ", 2),
        ("cmd /c", 3),
        ("try:", 1),
        ("except", 1),
        ("for ", 1),
        ("while ", 1),
        ("if ", 1),
        (" = ", 1),
        ("http://", 1),
        ("https://", 1),
        ("();", 1),
        ("open(", 1),
    ];
    let mut end = text.len().min(16 << 10);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or(text);
    if head.chars().count() < 12
        || head
            .chars()
            .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x0c'))
    {
        return false;
    }
    let score: u32 = SIGNS
        .iter()
        .filter(|(sign, _)| head.contains(sign))
        .map(|(_, weight)| u32::from(*weight))
        .sum();
    score >= 3
}

fn without_blanks(text: &[u8]) -> Cow<'_, [u8]> {
    if text.iter().any(u8::is_ascii_whitespace) {
        Cow::Owned(
            text.iter()
                .copied()
                .filter(|b| !b.is_ascii_whitespace())
                .collect(),
        )
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    const CODE: &str = "import os\nos.system('echo inert')\n";

    #[test]
    fn each_encoding_is_undone() {
        assert_eq!(base64(b"aW1w\nb3J0").as_deref(), Some(&b"import"[..]));
        assert_eq!(base64(b"aW1wb3J0IA").as_deref(), Some(&b"import "[..]));
        assert_eq!(hex(b"696d70").as_deref(), Some(&b"imp"[..]));
        assert_eq!(base32(b"NFWXA33SOQ======").as_deref(), Some(&b"import"[..]));
        assert_eq!(base85(b"X>D+Ca&K").as_deref().map(<[u8]>::len), Some(6));
        assert_eq!(ascii85(b"<~D.RU,F<D~>").map(|d| d.len()), Some(6));
        assert_eq!(rot13("vzcbeg"), "import");
        assert_eq!(unescape(r"\x69\155\u0070ort\q"), "import\\q");
        assert_eq!(percent(b"%69mport%"), b"import%");
        assert_eq!(
            uu(b"begin 644 x\n&:6UP;W)T\n \nend\n").as_deref(),
            Some(&b"import"[..])
        );
    }

    #[test]
    fn stacked_encodings_are_peeled() {
        let mut zip = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        zip.write_all(CODE.as_bytes()).unwrap();
        let packed = base64::engine::general_purpose::STANDARD.encode(zip.finish().unwrap());
        let reversed: String = packed.chars().rev().collect();
        let (steps, text) = peel(packed.as_bytes()).unwrap();
        assert_eq!((steps.len(), &*text), (2, CODE));
        if packed.ends_with('=') {
            assert!(peel(reversed.as_bytes()).is_some());
        }
        assert!(peel(b"the quick brown fox jumps over the lazy dog").is_none());
    }

    proptest! {
        #[test]
        fn no_decoder_panics(data in proptest::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,100}") {
            let _ = (base64(&data), base32(&data), hex(&data), base85(&data), ascii85(&data), inflate(&data));
            let _ = (bunzip2(&data), unlzma(&data), uu(&data));
            let _ = (percent(&data), peel(&data), unescape(&text), rot13(&text), looks_like_code(&text));
        }
    }
}
