//! The decompressors behind one step function.

use deflate64::InflaterManaged;
use flate2::{Decompress, FlushDecompress};
use liblzma::stream::{Action, Filters, Stream};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

/// Window that a decoder may ask for at the outermost level: what the largest standard presets need.
const WINDOW_LOG_OUTER: u32 = 27;
/// The same within nested archives, where several decoders may be open at once.
const WINDOW_LOG_NESTED: u32 = 26;
/// What liblzma needs besides its dictionary.
const LZMA_OVERHEAD: u64 = 2 << 20;

/// A decoder in the middle of a stream.
pub(crate) enum Codec {
    Stored,
    Deflate(Decompress),
    Deflate64(Box<InflaterManaged>),
    Bzip2(bzip2::Decompress),
    /// xz, `.lzma` and raw LZMA.
    Lzma(Stream),
    Zstd(Decoder<'static>),
}

/// What one step did.
pub(crate) struct Step {
    /// Bytes of the input that are done with.
    pub(crate) consumed: usize,
    /// Where the stream stands.
    pub(crate) state: State,
}

/// Where a stream stands after a step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// More may come.
    More,
    /// The stream ended as it says.
    End,
    /// The stream is broken from here on.
    Broken(String),
    /// The stream needs more than this decoder gives.
    Unsupported(String),
}

impl Codec {
    pub(crate) fn deflate() -> Self {
        Self::Deflate(Decompress::new(false))
    }

    pub(crate) fn deflate64() -> Self {
        Self::Deflate64(Box::new(InflaterManaged::new()))
    }

    pub(crate) fn bzip2() -> Self {
        Self::Bzip2(bzip2::Decompress::new(false))
    }

    pub(crate) fn xz(depth: u8) -> Result<Self, String> {
        Stream::new_stream_decoder(lzma_memory(depth), 0)
            .map(Self::Lzma)
            .map_err(|e| e.to_string())
    }

    /// The `.lzma` format of LZMA Utils.
    pub(crate) fn lzma_alone(depth: u8) -> Result<Self, String> {
        Stream::new_lzma_decoder(lzma_memory(depth))
            .map(Self::Lzma)
            .map_err(|e| e.to_string())
    }

    /// Raw LZMA with its 5 property bytes; no member needs a dictionary larger than itself.
    pub(crate) fn lzma_raw(properties: [u8; 5], unpacked: u64, depth: u8) -> Result<Self, String> {
        let [first, size @ ..] = properties;
        let wanted = u64::from(u32::from_le_bytes(size));
        let given = wanted.min(unpacked.max(4096)).min(1 << window_log(depth));
        let [a, b, c, d] = u32::try_from(given).unwrap_or(u32::MAX).to_le_bytes();
        let mut filters = Filters::new();
        filters
            .lzma1_properties(&[first, a, b, c, d])
            .and_then(|f| Stream::new_raw_decoder(f))
            .map(Self::Lzma)
            .map_err(|e| e.to_string())
    }

    pub(crate) fn zstd(depth: u8) -> Result<Self, String> {
        let mut decoder = Decoder::new().map_err(|e| e.to_string())?;
        decoder
            .set_parameter(DParameter::WindowLogMax(window_log(depth)))
            .map_err(|e| e.to_string())?;
        Ok(Self::Zstd(decoder))
    }

    /// Decodes some of `input` into the spare capacity of `out`.
    pub(crate) fn step(&mut self, input: &[u8], out: &mut Vec<u8>) -> Step {
        let before = out.len();
        let (consumed, state) = match self {
            Self::Stored => {
                let n = input.len().min(out.capacity() - before);
                out.extend_from_slice(input.get(..n).unwrap_or_default());
                let end = n == input.len();
                (n, if end { State::End } else { State::More })
            }
            Self::Deflate(inner) => {
                let start = inner.total_in();
                let result = inner.decompress_vec(input, out, FlushDecompress::None);
                let state = match result {
                    Ok(flate2::Status::StreamEnd) => State::End,
                    Ok(_) => State::More,
                    Err(_) => State::Broken("the deflate stream is invalid".into()),
                };
                (count(start, inner.total_in()), state)
            }
            Self::Deflate64(inner) => {
                // A fixed piece at a time: this decoder wants initialised space.
                let piece = (out.capacity() - before).min(64 << 10);
                out.resize(before + piece, 0);
                let result = inner.inflate(input, out.get_mut(before..).unwrap_or_default());
                out.truncate(before + result.bytes_written.min(piece));
                let state = if result.data_error {
                    State::Broken("the deflate64 stream is invalid".into())
                } else if inner.finished() && inner.available_output() == 0 {
                    State::End
                } else {
                    State::More
                };
                (result.bytes_consumed, state)
            }
            Self::Bzip2(inner) => {
                let start = inner.total_in();
                let result = inner.decompress_vec(input, out);
                let state = match result {
                    Ok(bzip2::Status::StreamEnd) => State::End,
                    Ok(_) => State::More,
                    Err(_) => State::Broken("the bzip2 stream is invalid".into()),
                };
                (count(start, inner.total_in()), state)
            }
            Self::Lzma(inner) => {
                let start = inner.total_in();
                let result = inner.process_vec(input, out, Action::Run);
                let state = match result {
                    Ok(liblzma::stream::Status::StreamEnd) => State::End,
                    Ok(_) => State::More,
                    Err(liblzma::stream::Error::MemLimit) => State::Unsupported(
                        "the LZMA dictionary is larger than any standard one".into(),
                    ),
                    Err(e) => State::Broken(format!("the LZMA stream is invalid: {e}")),
                };
                (count(start, inner.total_in()), state)
            }
            Self::Zstd(inner) => {
                let mut from = InBuffer::around(input);
                let mut to = OutBuffer::around_pos(out, before);
                let result = inner.run(&mut from, &mut to);
                let state = match result {
                    Ok(0) => State::End,
                    Ok(_) => State::More,
                    Err(e) => zstd_error(&e.to_string()),
                };
                (from.pos(), state)
            }
        };
        let consumed = consumed.min(input.len());
        let idle = consumed == 0 && out.len() == before && out.capacity() > before;
        let state = match state {
            State::More if idle && input.is_empty() => {
                State::Broken("the compressed data ends early".into())
            }
            State::More if idle => State::Broken("the decoder makes no progress".into()),
            state => state,
        };
        Step { consumed, state }
    }
}

fn count(from: u64, to: u64) -> usize {
    usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX)
}

/// zstd's errors come as text only.
fn zstd_error(message: &str) -> State {
    if message.contains("Dictionary") || message.contains("too much memory") {
        State::Unsupported(format!("the zstd stream cannot be read here: {message}"))
    } else {
        State::Broken(format!("the zstd stream is invalid: {message}"))
    }
}

fn window_log(depth: u8) -> u32 {
    if depth == 0 {
        WINDOW_LOG_OUTER
    } else {
        WINDOW_LOG_NESTED
    }
}

fn lzma_memory(depth: u8) -> u64 {
    (1 << window_log(depth)) + LZMA_OVERHEAD
}
