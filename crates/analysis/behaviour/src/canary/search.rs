//! Looks for planted secrets in bytes.

use std::cell::LazyCell;
use std::sync::LazyLock;

use flate2::{Decompress, FlushDecompress, Status};

use super::encode;
use super::make::Canary;
use super::patterns::{MIN_PATTERN, Patterns};

/// Bytes of a compressed stream that are unpacked.
const MAX_UNPACKED: usize = 8 << 20;
/// Compressed streams of one piece of data that are unpacked.
const MAX_STREAMS: usize = 8;
/// Places of one piece of data at which a stream may begin that are tried.
const MAX_TRIED: usize = 4096;
/// Bytes that a stream is first given room for.
const FIRST_PART: usize = 4 << 10;

/// Bytes that are looked at together.
const WINDOW: usize = 32 << 10;
/// Bytes that are looked at twice: the longest secret in its longest encoding, with the ends of its lines.
const OVERLAP: usize = 1 << 10;

/// A secret that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// Which.
    pub canary: &'static str,
    /// How it was written.
    pub encoding: &'static str,
}

/// Finds the secrets of one run.
pub struct Finder {
    /// Every way.
    full: Lazy<Sighting>,
    /// The ways that fit into a name, in lower case: names have none.
    names: Lazy<Sighting>,
    /// What a key over all bytes leaves.
    keyed: Lazy<Keyed>,
}

type Lazy<M> = LazyLock<Patterns<M>, Box<dyn FnOnce() -> Patterns<M> + Send>>;

/// A secret under a key.
struct Keyed {
    canary: &'static str,
    /// The last byte of the secret without a key.
    last: u8,
}

/// Patterns for the encodings that `wanted` picks.
fn patterns(canaries: &[Canary], lower: bool, wanted: fn(&str) -> bool) -> Patterns<Sighting> {
    Patterns::new(canaries.iter().flat_map(|canary| {
        let ways = encode::all(&canary.value).into_iter();
        let ways = ways.filter(|(encoding, _)| wanted(encoding));
        ways.map(|(encoding, mut bytes)| {
            if lower {
                bytes.make_ascii_lowercase();
            }
            let meaning = Sighting {
                canary: canary.name,
                encoding,
            };
            (bytes, meaning)
        })
    }))
}

/// Patterns for secrets under a key.
fn keyed(canaries: &[Canary]) -> Patterns<Keyed> {
    Patterns::new(canaries.iter().map(|canary| {
        let bytes = canary.value.as_bytes();
        let meaning = Keyed {
            canary: canary.name,
            last: bytes.last().copied().unwrap_or(0),
        };
        let mut differences = Vec::new();
        encode::differences(bytes, &mut differences);
        (differences, meaning)
    }))
}

fn lazy<M: 'static>(canaries: &[Canary], make: fn(&[Canary]) -> Patterns<M>) -> Lazy<M> {
    let canaries = canaries.to_vec();
    LazyLock::new(Box::new(move || make(&canaries)))
}

impl std::fmt::Debug for Finder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Finder")
    }
}

impl Finder {
    /// For these secrets. What is needed is made when it is.
    pub fn new(canaries: &[Canary]) -> Self {
        Self {
            full: lazy(canaries, |all| patterns(all, false, |_| true)),
            names: lazy(canaries, |all| patterns(all, true, |way| way != "utf-16")),
            keyed: lazy(canaries, keyed),
        }
    }

    /// Looks through a program's arguments.
    pub fn search_arguments(&self, bytes: &[u8]) -> Vec<Sighting> {
        sorted(self.full.found(bytes).into_iter().map(|(_, s)| s.clone()))
    }

    /// Looks through bytes, and through what compressed streams in them hold.
    pub fn search(&self, bytes: &[u8]) -> Vec<Sighting> {
        let mut found = self.in_plain(bytes);
        for unpacked in unpacked(bytes) {
            found.extend(
                self.in_plain(&unpacked)
                    .into_iter()
                    .map(|sighting| Sighting {
                        encoding: if sighting.encoding == "plain" {
                            "compressed"
                        } else {
                            sighting.encoding
                        },
                        ..sighting
                    }),
            );
        }
        sorted(found.into_iter())
    }

    /// Looks through a name: labels are pieces of one text, and case is lost.
    pub fn search_name(&self, name: &str) -> Vec<Sighting> {
        let mut joined: String = name.chars().filter(|c| *c != '.').collect();
        joined.make_ascii_lowercase();
        let found = self.names.found(joined.as_bytes());
        sorted(found.into_iter().map(|(_, s)| s.clone()))
    }

    /// Looks through bytes, a window after the other, so that what is made of them stays small.
    fn in_plain(&self, bytes: &[u8]) -> Vec<Sighting> {
        let mut found = Vec::new();
        let mut scratch = Vec::with_capacity(WINDOW);
        let mut from = 0;
        loop {
            let to = (from + WINDOW).min(bytes.len());
            self.in_window(bytes.get(from..to).unwrap_or(&[]), &mut scratch, &mut found);
            if to == bytes.len() {
                return sorted(found.into_iter());
            }
            from = to - OVERLAP;
        }
    }

    fn in_window(&self, bytes: &[u8], scratch: &mut Vec<u8>, found: &mut Vec<Sighting>) {
        found.extend(self.full.found(bytes).into_iter().map(|(_, s)| s.clone()));
        // base64 is often written in lines
        joined(bytes, scratch);
        found.extend(self.full.found(scratch).into_iter().map(|(_, s)| s.clone()));
        for (end, keyed) in self.keyed.found_in_differences(bytes) {
            // under the key 0 it is plain, which was looked for
            if bytes.get(end) != Some(&keyed.last) {
                found.push(Sighting {
                    canary: keyed.canary,
                    encoding: "xor",
                });
            }
        }
    }
}

/// Words that go on in the next line, without what stands between their parts. A word is of what encodings are written
/// with: most lines of most files end or begin with something else.
fn joined(bytes: &[u8], into: &mut Vec<u8>) {
    let is_end = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let is_part = |byte: &u8| is_word(*byte) || is_end(byte);
    into.clear();
    let mut done = 0;
    for at in memchr::memchr_iter(b'\n', bytes) {
        let touches = bytes.get(at + 1).is_some_and(|byte| is_word(*byte))
            && at
                .checked_sub(1)
                .and_then(|at| bytes.get(at))
                .is_some_and(is_part);
        // within the words that were joined last, or the end of a line is the end of a word
        if at < done || !touches {
            continue;
        }
        let before = bytes.get(done..at).unwrap_or(&[]);
        let begin = before.iter().rposition(|byte| !is_part(byte));
        let begin = begin.map_or(done, |last| done + last + 1);
        let after = bytes.get(at..).unwrap_or(&[]);
        let length = after.iter().position(|byte| !is_part(byte));
        done = length.map_or(bytes.len(), |length| at + length);
        let from = into.len();
        let words = bytes.get(begin..done).unwrap_or(&[]);
        into.extend(words.iter().copied().filter(|byte| !is_end(byte)));
        if into.len() - from < MIN_PATTERN {
            into.truncate(from);
        } else {
            into.push(b'\n');
        }
    }
}

/// True for what secrets and their encodings in text are written with.
const fn is_word(byte: u8) -> bool {
    const WORDS: [bool; 256] = {
        let mut words = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            let is_sign = matches!(byte, b'+' | b'/' | b'-' | b'_' | b'%' | b'=');
            words[byte as usize] = byte.is_ascii_alphanumeric() || is_sign;
            byte += 1;
        }
        words
    };
    WORDS[byte as usize]
}

fn sorted(found: impl Iterator<Item = Sighting>) -> Vec<Sighting> {
    let mut found: Vec<Sighting> = found.collect();
    found.sort();
    found.dedup();
    found
}

/// What gzip and zlib streams hold, as far as they can be read. Two bytes begin one, which stand by chance in many files:
/// what is no stream costs no more than a look.
fn unpacked(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let begins = beginnings(bytes).filter_map(|at| {
        let from = bytes.get(at..).unwrap_or(&[]);
        match from {
            [0x1f, 0x8b, 0x08, ..] => behind_gzip_head(from),
            [0x78, _, rest @ ..] => Some(rest),
            _ => None,
        }
    });
    let mut decoder = LazyCell::new(|| Decompress::new(false));
    let mut out = Vec::with_capacity(FIRST_PART);
    for deflated in begins.take(MAX_TRIED) {
        decoder.reset(false);
        out.clear();
        inflate(&mut decoder, deflated, &mut out);
        if out.len() >= MIN_PATTERN {
            all.push(std::mem::replace(&mut out, Vec::with_capacity(FIRST_PART)));
        }
        if all.len() == MAX_STREAMS {
            break;
        }
    }
    all
}

/// Where two bytes stand with which a gzip member (RFC 1952) or a zlib stream of the usual levels (RFC 1950) begins. Many
/// bytes are looked at together, whatever they are: text is full of `x`, with which the latter begins.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the compiler compares many at a time"
)]
fn beginnings(bytes: &[u8]) -> impl Iterator<Item = usize> {
    const TOGETHER: usize = 64;
    let begins = |first: u8, second: u8| {
        let levels = (second == 0x01) | (second == 0x5e) | (second == 0x9c) | (second == 0xda);
        ((first == 0x78) & levels) | ((first == 0x1f) & (second == 0x8b))
    };
    let seconds = bytes.get(1..).unwrap_or(&[]);
    let parts = bytes.chunks(TOGETHER).zip(seconds.chunks(TOGETHER));
    parts
        .enumerate()
        .flat_map(move |(part, (firsts, seconds))| {
            let pairs = firsts.iter().zip(seconds);
            let any = pairs
                .clone()
                .fold(false, |any, (a, b)| any | begins(*a, *b));
            let pairs = pairs.take(if any { TOGETHER } else { 0 }).enumerate();
            let found = pairs.filter(move |(_, (a, b))| begins(**a, **b));
            found.map(move |(at, _)| part * TOGETHER + at)
        })
}

/// A stream that breaks off gives what it gave so far.
fn inflate(decoder: &mut Decompress, deflated: &[u8], out: &mut Vec<u8>) {
    while out.len() < MAX_UNPACKED {
        let read = usize::try_from(decoder.total_in()).unwrap_or(usize::MAX);
        let (rest, before) = (deflated.get(read..).unwrap_or(&[]), out.len());
        let went = decoder.decompress_vec(rest, out, FlushDecompress::None);
        let is_over = !matches!(went, Ok(Status::Ok | Status::BufError));
        if is_over || out.len() == before {
            return;
        }
        out.reserve(out.len());
    }
}

/// What follows the head of a gzip member (RFC 1952, 2.3).
fn behind_gzip_head(member: &[u8]) -> Option<&[u8]> {
    const CHECKSUM: u8 = 2;
    const EXTRA: u8 = 4;
    const TEXTS: [u8; 2] = [8, 16];
    let (flags, mut rest) = (member.get(3)?, member.get(10..)?);
    if flags & EXTRA != 0 {
        let length = u16::from_le_bytes(*rest.first_chunk()?);
        rest = rest.get(2 + usize::from(length)..)?;
    }
    for text in TEXTS {
        if flags & text != 0 {
            rest = rest.get(memchr::memchr(0, rest)? + 1..)?;
        }
    }
    if flags & CHECKSUM != 0 {
        rest = rest.get(2..)?;
    }
    Some(rest)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use base64::Engine as _;
    use proptest::prelude::*;

    use super::super::make::{Seed, github_token, plant};
    use super::*;

    /// One for all tests: to build it takes long without optimisation.
    fn finder() -> &'static (Finder, String) {
        static FINDER: LazyLock<(Finder, String)> = LazyLock::new(|| {
            let seed = Seed([9; 32]);
            (Finder::new(&plant(&seed)), github_token(&seed))
        });
        &FINDER
    }

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let (finder, token) = finder();
        let context = format!("{{\"a\": 1, \"GITHUB_TOKEN\": \"{token}\", \"z\": 2}}");
        let standard = base64::engine::general_purpose::STANDARD;
        let gzip = {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(context.as_bytes()).expect("written");
            encoder.finish().expect("finished")
        };
        let once = standard.encode(&context);
        let lines: Vec<String> = once
            .as_bytes()
            .chunks(76)
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        for (name, bytes) in [
            ("plain", context.clone().into_bytes()),
            ("base64", once.clone().into_bytes()),
            ("base64", lines.join("\n").into_bytes()),
            (
                "base64",
                base64::engine::general_purpose::URL_SAFE
                    .encode(format!("x{context}"))
                    .into_bytes(),
            ),
            ("base64 twice", standard.encode(&once).into_bytes()),
            ("hex", hex::encode(&context).into_bytes()),
            ("hex", hex::encode_upper(&context).into_bytes()),
            ("reversed", context.bytes().rev().collect()),
            (
                "utf-16",
                context.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            ),
            ("xor", context.bytes().map(|byte| byte ^ 0x5a).collect()),
            ("compressed", gzip),
        ] {
            let found = finder.search(&bytes);
            assert!(
                found.contains(&Sighting {
                    canary: "github-token",
                    encoding: name
                }),
                "{name}: {found:?}"
            );
        }
    }

    #[test]
    fn no_way_to_write_a_secret_is_too_short_to_be_looked_for() {
        for canary in plant(&Seed([9; 32])) {
            let mut differences = Vec::new();
            encode::differences(canary.value.as_bytes(), &mut differences);
            for (way, bytes) in encode::all(&canary.value) {
                assert!(bytes.len() >= MIN_PATTERN, "{} as {way}", canary.name);
            }
            assert!(differences.len() >= MIN_PATTERN, "{}", canary.name);
        }
    }

    #[test]
    fn a_secret_is_found_behind_what_only_looks_compressed() {
        let (finder, token) = finder();
        let mut encoder = flate2::GzBuilder::new()
            .filename("name")
            .extra(vec![7; 20])
            .comment("text")
            .write(Vec::new(), flate2::Compression::fast());
        encoder.write_all(token.as_bytes()).expect("written");
        let gzip = encoder.finish().expect("finished");
        let bytes = [&b"x\x01x^x\x9c\x1f\x8b\x08".repeat(20)[..], &gzip].concat();
        let found = finder.search(&bytes);
        assert!(
            found.iter().any(|s| s.encoding == "compressed"),
            "{found:?}"
        );
    }

    proptest! {
        #[test]
        fn every_beginning_of_a_stream_is_seen(
            bytes in proptest::collection::vec(prop_oneof![Just(0x78_u8), Just(0x9c), Just(0x1f), Just(0x8b), any::<u8>()], 0..300),
        ) {
            let found: Vec<usize> = beginnings(&bytes).collect();
            let expected: Vec<usize> = bytes
                .windows(2)
                .enumerate()
                .filter(|(_, pair)| matches!(pair, [0x78, 0x01 | 0x5e | 0x9c | 0xda] | [0x1f, 0x8b]))
                .map(|(at, _)| at)
                .collect();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_secret_is_found_across_lines_of_any_length() {
        let (finder, token) = finder();
        for (length, end) in [(1, "\n"), (7, "\r\n"), (20, "\n\n")] {
            let lines: Vec<&str> = token
                .as_bytes()
                .chunks(length)
                .filter_map(|line| std::str::from_utf8(line).ok())
                .collect();
            let text = format!("a = {} b", lines.join(end));
            let found = finder.search(text.as_bytes());
            assert!(found.iter().any(|s| s.canary == "github-token"), "{text}");
        }
    }

    #[test]
    fn a_secret_is_found_across_windows() {
        let (finder, token) = finder();
        for before in [
            0,
            1,
            WINDOW - 40,
            WINDOW - 20,
            WINDOW,
            3 * WINDOW - OVERLAP - 7,
        ] {
            let bytes = [&vec![b' '; before][..], token.as_bytes(), b"\n"].concat();
            let found = finder.search(&bytes);
            assert!(found.iter().any(|s| s.canary == "github-token"), "{before}");
        }
    }

    #[test]
    fn a_secret_is_found_in_the_labels_of_names() {
        let (finder, token) = finder();
        let hex = hex::encode(token);
        let name = format!("{}.{}.exfil.example", &hex[..40], &hex[40..]).to_lowercase();
        assert!(
            finder
                .search_name(&name)
                .iter()
                .any(|s| s.canary == "github-token")
        );
        assert!(finder.search_name("files.example").is_empty());
    }

    proptest! {
        #[test]
        fn base64_is_found_at_every_place(before in proptest::collection::vec(any::<u8>(), 0..9), after in proptest::collection::vec(any::<u8>(), 0..9)) {
            let (finder, token) = finder();
            let text = base64::engine::general_purpose::STANDARD.encode([&before[..], token.as_bytes(), &after[..]].concat());
            prop_assert!(finder.search(text.as_bytes()).iter().any(|s| s.canary == "github-token" && s.encoding == "base64"));
        }

        #[test]
        fn nothing_is_found_where_nothing_is(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let (finder, _) = finder();
            prop_assert!(finder.search(&bytes).is_empty());
        }
    }
}
