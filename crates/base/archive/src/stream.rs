//! Compressed streams with the framing that their tools write, and the byte sources that tar reads from.

use foretaste_model::AnomalyKind;

use crate::Compression;
use crate::codec::{Codec, State};
use crate::session::Session;

/// Bytes that are decompressed at a time: stays in the cache.
const BUFFER: usize = 128 << 10;
/// Streams without any content that one refill passes over before the clock is looked at.
const EMPTY_STREAMS: u32 = 1024;

/// Streams without any content, one after the other, beyond which the rest is not looked at: tools write one.
const MAX_EMPTY_STREAMS: u32 = 1_000;

/// A problem of a stream, reported once it was read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) kind: AnomalyKind,
    pub(crate) detail: String,
}

/// A decompressor for one or more streams written one after the other.
pub(crate) struct Decoder<'a> {
    compression: Compression,
    input: &'a [u8],
    at: usize,
    depth: u8,
    /// None between streams.
    codec: Option<Codec>,
    crc: crc32fast::Hasher,
    length: u32,
    buffer: Vec<u8>,
    taken: usize,
    /// What lies in the buffer was looked at only: it is charged when it is read.
    peeked: bool,
    ended: bool,
    streams: u64,
    /// Whether the stream at hand gave anything, and how many before it did not.
    fruitful: bool,
    empty: u32,
    problems: Vec<Problem>,
}

impl<'a> Decoder<'a> {
    pub(crate) fn new(compression: Compression, input: &'a [u8], depth: u8) -> Self {
        Self {
            compression,
            input,
            at: 0,
            depth,
            codec: None,
            crc: crc32fast::Hasher::new(),
            length: 0,
            buffer: Vec::with_capacity(BUFFER),
            taken: 0,
            peeked: false,
            ended: false,
            streams: 0,
            fruitful: false,
            empty: 0,
            problems: Vec::new(),
        }
    }

    /// What was wrong, as far as it was read.
    pub(crate) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The most bytes that it may be worth to make room for: what the last stream says of itself, as far as compression
    /// of its kind is usual.
    pub(crate) fn likely_length(&self) -> usize {
        let stated = match self.compression {
            Compression::Gzip => self.input.last_chunk().map(|c| u32::from_le_bytes(*c)),
            _ => None,
        };
        let usual = self.input.len().saturating_mul(16);
        stated.map_or(0, |stated| usual.min(stated as usize))
    }

    /// The decompressed bytes at hand; empty only at the end, or when the session winds down.
    pub(crate) fn fill(&mut self, cx: &mut Session<'_>) -> &[u8] {
        if std::mem::take(&mut self.peeked) {
            self.charge(cx);
        }
        while self.taken >= self.buffer.len() && !self.ended {
            self.refill();
            self.charge(cx);
        }
        self.buffer.get(self.taken..).unwrap_or_default()
    }

    fn charge(&mut self, cx: &mut Session<'_>) {
        if !cx.charge(self.buffer.len() as u64) {
            self.ended = true;
            self.buffer.clear();
        }
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.taken = self.taken.saturating_add(bytes).min(self.buffer.len());
    }

    /// The first decompressed bytes, for looking at the format before anything is read: they come again.
    pub(crate) fn peek(&mut self, bytes: usize) -> &[u8] {
        self.peeked = true;
        for _ in 0..EMPTY_STREAMS {
            if self.buffer.len() >= bytes || self.ended {
                break;
            }
            self.step();
        }
        &self.buffer
    }

    fn refill(&mut self) {
        self.buffer.clear();
        self.taken = 0;
        for _ in 0..EMPTY_STREAMS {
            if self.ended || !self.buffer.is_empty() {
                break;
            }
            self.step();
        }
    }

    fn step(&mut self) {
        let rest = self.input.get(self.at..).unwrap_or_default();
        let Some(codec) = &mut self.codec else {
            self.begin();
            return;
        };
        let before = self.buffer.len();
        let step = codec.step(rest, &mut self.buffer);
        self.fruitful |= self.buffer.len() > before;
        self.at = self.at.saturating_add(step.consumed);
        if self.compression == Compression::Gzip {
            let fresh = self.buffer.get(before..).unwrap_or_default();
            self.crc.update(fresh);
            self.length = self.length.wrapping_add(fresh.len() as u32);
        }
        match step.state {
            State::More => {}
            State::End => {
                self.codec = None;
                self.streams += 1;
                self.empty = if self.fruitful { 0 } else { self.empty + 1 };
                self.fruitful = false;
                if self.empty > MAX_EMPTY_STREAMS {
                    self.fail(
                        AnomalyKind::Corrupt,
                        "it is made of empty streams without end",
                    );
                    return;
                }
                if self.compression == Compression::Gzip {
                    self.check_gzip_trailer();
                }
            }
            State::Broken(why) => self.fail(AnomalyKind::Corrupt, why),
            State::Unsupported(why) => self.fail(AnomalyKind::UnsupportedMethod, why),
        }
    }

    fn fail(&mut self, kind: AnomalyKind, detail: impl Into<String>) {
        self.problems.push(Problem {
            kind,
            detail: detail.into(),
        });
        self.ended = true;
    }

    /// Starts the next stream, or ends: gzip, bzip2, xz and zstd tools all read concatenated streams as one, and
    /// pad with zeros.
    fn begin(&mut self) {
        let mut rest = self.input.get(self.at..).unwrap_or_default();
        if self.streams > 0 {
            let zeros = rest.iter().take_while(|b| **b == 0).count();
            rest = rest.get(zeros..).unwrap_or_default();
            self.at += zeros;
            if rest.is_empty() {
                self.ended = true;
                return;
            }
            if self.compression == Compression::Lzma
                || Compression::of(rest) != Some(self.compression)
            {
                let bytes = rest.len();
                self.fail(
                    AnomalyKind::TrailingData,
                    format!("{bytes} bytes follow the end of the compressed data"),
                );
                return;
            }
        }
        let codec = match self.compression {
            Compression::Gzip => match gzip_header(rest) {
                Some(length) => {
                    self.at += length;
                    self.crc = crc32fast::Hasher::new();
                    self.length = 0;
                    Ok(Codec::deflate())
                }
                None => Err("the gzip header is broken".into()),
            },
            Compression::Bzip2 => Ok(Codec::bzip2()),
            Compression::Xz => Codec::xz(self.depth),
            Compression::Lzma => Codec::lzma_alone(self.depth),
            Compression::Zstd => Codec::zstd(self.depth),
        };
        match codec {
            Ok(codec) => self.codec = Some(codec),
            Err(why) => self.fail(AnomalyKind::Corrupt, why),
        }
    }

    fn check_gzip_trailer(&mut self) {
        let rest = self.input.get(self.at..).unwrap_or_default();
        let (Some((stated_crc, _)), Some(stated_length)) = (
            rest.split_first_chunk(),
            rest.get(4..).and_then(|r| r.first_chunk()),
        ) else {
            self.fail(AnomalyKind::Corrupt, "the gzip trailer is cut off");
            return;
        };
        self.at += 8;
        let crc = std::mem::take(&mut self.crc).finalize();
        if u32::from_le_bytes(*stated_crc) != crc {
            self.problems.push(Problem {
                kind: AnomalyKind::ChecksumMismatch,
                detail: "the gzip checksum does not match the content".into(),
            });
        } else if u32::from_le_bytes(*stated_length) != self.length {
            self.problems.push(Problem {
                kind: AnomalyKind::ChecksumMismatch,
                detail: "the gzip length does not match the content".into(),
            });
        }
    }
}

/// The length of a gzip header (RFC 1952).
fn gzip_header(bytes: &[u8]) -> Option<usize> {
    const HEADER_CRC: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    const RESERVED: u8 = 0xE0;
    let (fixed, _) = bytes.split_first_chunk::<10>()?;
    let [0x1F, 0x8B, 8, flags, ..] = *fixed else {
        return None;
    };
    if flags & RESERVED != 0 {
        return None;
    }
    let mut at = 10;
    if flags & EXTRA != 0 {
        let (length, _) = bytes.get(at..)?.split_first_chunk::<2>()?;
        at += 2 + usize::from(u16::from_le_bytes(*length));
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            at += memchr::memchr(0, bytes.get(at..)?)? + 1;
        }
    }
    if flags & HEADER_CRC != 0 {
        at += 2;
    }
    (at <= bytes.len()).then_some(at)
}

/// Where a tar's bytes come from.
pub(crate) enum Source<'a> {
    /// Uncompressed, in memory.
    Plain { bytes: &'a [u8], at: usize },
    /// Through a decompressor.
    Packed(Box<Decoder<'a>>),
}

impl Source<'_> {
    /// The bytes at hand; empty only at the end, or when the session winds down.
    pub(crate) fn fill(&mut self, cx: &mut Session<'_>) -> &[u8] {
        match self {
            Self::Plain { bytes, at } => {
                let rest = bytes.get(*at..).unwrap_or_default();
                if cx.alive() { rest } else { &[] }
            }
            Self::Packed(decoder) => decoder.fill(cx),
        }
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        match self {
            Self::Plain { at, .. } => *at = at.saturating_add(bytes),
            Self::Packed(decoder) => decoder.consume(bytes),
        }
    }

    /// Appends up to `bytes` to `out`; true if that many came.
    pub(crate) fn take(&mut self, cx: &mut Session<'_>, bytes: u64, out: &mut Vec<u8>) -> bool {
        let mut missing = bytes;
        while missing > 0 {
            let plain = matches!(self, Self::Plain { .. });
            let ready = self.fill(cx);
            let n = ready
                .len()
                .min(usize::try_from(missing).unwrap_or(usize::MAX));
            if n == 0 {
                return false;
            }
            out.extend_from_slice(ready.get(..n).unwrap_or_default());
            self.consume(n);
            missing -= n as u64;
            if plain && !cx.charge(n as u64) {
                return missing == 0;
            }
        }
        true
    }

    /// Passes over up to `bytes`; true if that many came.
    pub(crate) fn skip(&mut self, cx: &mut Session<'_>, bytes: u64) -> bool {
        let mut missing = bytes;
        while missing > 0 {
            let ready = self.fill(cx).len();
            let n = ready.min(usize::try_from(missing).unwrap_or(usize::MAX));
            if n == 0 {
                return false;
            }
            self.consume(n);
            missing -= n as u64;
        }
        true
    }

    /// What was wrong with the stream, as far as it was read.
    pub(crate) fn problems(&self) -> &[Problem] {
        match self {
            Self::Plain { .. } => &[],
            Self::Packed(decoder) => decoder.problems(),
        }
    }

    /// True for bytes that were not compressed.
    pub(crate) fn is_plain(&self) -> bool {
        matches!(self, Self::Plain { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_headers_with_every_optional_field_are_measured() {
        let mut header = vec![0x1F, 0x8B, 8, 0b1_1110, 0, 0, 0, 0, 0, 3];
        header.extend([3, 0, 1, 2, 3]);
        header.extend(b"name\0comment\0");
        header.extend([0xAA, 0xBB]);
        let full = header.len();
        header.extend(b"data");
        assert_eq!(gzip_header(&header), Some(full));
        for cut in 0..full {
            assert_eq!(gzip_header(&header[..cut]), None, "{cut}");
        }
    }

    #[test]
    fn reserved_gzip_flags_are_refused() {
        assert_eq!(gzip_header(&[0x1F, 0x8B, 8, 0x80, 0, 0, 0, 0, 0, 3]), None);
    }
}
