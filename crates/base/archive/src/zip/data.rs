//! The data of one member, decompressed.

use bytes::Bytes;
use foretaste_model::AnomalyKind;

use crate::codec::{Codec, State};
use crate::session::Session;

/// Capacity that a stated size gets without proof.
const MAX_FIRST: u64 = 16 << 20;
/// Bytes that the output grows by at most: limits are looked at in between.
const MAX_GROWTH: usize = 8 << 20;

/// What is to be decompressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Packed<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) method: u16,
    /// The size it should have, if known.
    pub(super) unpacked: Option<u64>,
}

/// What came out.
pub(super) struct Content {
    pub(super) data: Bytes,
    pub(super) complete: bool,
    /// Bytes of the packed data that were used.
    pub(super) consumed: usize,
    pub(super) problem: Option<(AnomalyKind, String)>,
}

/// The decoder for a compression method, and the bytes of its own header; none if the method is not supported.
fn codec(packed: &Packed<'_>, depth: u8) -> Option<Result<(Codec, usize), String>> {
    Some(match packed.method {
        0 => Ok((Codec::Stored, 0)),
        8 => Ok((Codec::deflate(), 0)),
        9 => Ok((Codec::deflate64(), 0)),
        12 => Ok((Codec::bzip2(), 0)),
        14 => match packed.bytes.split_first_chunk() {
            Some(([_, _, 5, 0], rest)) => match rest.first_chunk() {
                Some(properties) => {
                    let unpacked = packed.unpacked.unwrap_or(u64::MAX);
                    Codec::lzma_raw(*properties, unpacked, depth).map(|codec| (codec, 9))
                }
                None => Err("its LZMA header is cut off".into()),
            },
            _ => Err("its LZMA header is broken".into()),
        },
        93 => Codec::zstd(depth).map(|codec| (codec, 0)),
        95 => Codec::xz(depth).map(|codec| (codec, 0)),
        _ => return None,
    })
}

/// The name of a compression method.
fn method_name(method: u16) -> String {
    let name = match method {
        1 => "shrink",
        2..=5 => "reduce",
        6 => "implode",
        10 => "PKWARE implode",
        94 => "MP3",
        96 => "JPEG",
        97 => "WavPack",
        98 => "PPMd",
        99 => "AES encryption",
        _ => return format!("number {method}"),
    };
    name.to_owned()
}

/// Decompresses a member within the session's limits.
pub(super) fn unpack(cx: &mut Session<'_>, packed: &Packed<'_>, depth: u8) -> Content {
    let mut content = Content {
        data: Bytes::new(),
        complete: false,
        consumed: 0,
        problem: None,
    };
    let (mut codec, header) = match codec(packed, depth) {
        Some(Ok(codec)) => codec,
        Some(Err(why)) => {
            content.problem = Some((AnomalyKind::Corrupt, why));
            return content;
        }
        None => {
            let what = format!(
                "its compression method ({}) is not supported",
                method_name(packed.method)
            );
            content.problem = Some((AnomalyKind::UnsupportedMethod, what));
            return content;
        }
    };
    let room = usize::try_from(cx.room()).unwrap_or(usize::MAX);
    let stated = packed.unpacked.unwrap_or(0);
    // A little more than stated, so that the decoder sees the end of its stream without growing.
    let first = stated.min(MAX_FIRST).min(cx.room()) + 64;
    let mut data: Vec<u8> = Vec::with_capacity(usize::try_from(first).unwrap_or(64));
    let mut at = header;
    loop {
        if data.capacity() - data.len() < 32 {
            data.reserve(data.len().clamp(32 << 10, MAX_GROWTH));
        }
        let before = data.len();
        let step = codec.step(packed.bytes.get(at..).unwrap_or_default(), &mut data);
        at += step.consumed;
        if !cx.charge((data.len() - before) as u64) {
            break;
        }
        if data.len() > room {
            data.truncate(room);
            content.problem = Some((
                AnomalyKind::TooManyBytes,
                format!("it unpacks to more than the {room} bytes allowed; the rest stayed unread"),
            ));
            break;
        }
        match step.state {
            State::More => {}
            State::End => {
                content.complete = true;
                break;
            }
            // Raw LZMA need not mark its end.
            State::Broken(_)
                if packed.method == 14
                    && at == packed.bytes.len()
                    && packed.unpacked == Some(data.len() as u64) =>
            {
                content.complete = true;
                break;
            }
            State::Broken(why) => {
                content.problem = Some((AnomalyKind::Corrupt, why));
                break;
            }
            State::Unsupported(why) => {
                content.problem = Some((AnomalyKind::UnsupportedMethod, why));
                break;
            }
        }
    }
    content.consumed = at.min(packed.bytes.len());
    if data.capacity() > data.len() + data.len() / 4 + 4096 {
        data.shrink_to_fit();
    }
    content.data = Bytes::from(data);
    content
}
