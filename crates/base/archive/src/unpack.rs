//! The door of the crate, and the recursion into nested archives.

use std::ops::ControlFlow;

use bytes::Bytes;
use foretaste_model::{AnomalyKind, Limits};

use crate::format::{Compression, Format, Promise, inner_name, unsupported};
use crate::member::{Member, Summary, Unpacked};
use crate::session::Session;
use crate::stream::{Decoder, Source};
use crate::{tar, zip};

/// Unpacks an archive and all archives within it.
///
/// The format is told from the content; `filename` says what it claims to be. Never panics, never fails: see
/// [`Unpacked::anomalies`].
pub fn unpack(filename: &str, bytes: &[u8], limits: &Limits) -> Unpacked {
    let mut members = Vec::new();
    let summary = unpack_each(filename, bytes, limits, &mut |member| {
        members.push(member);
        ControlFlow::Continue(())
    });
    Unpacked {
        members,
        anomalies: summary.anomalies,
        format: summary.format,
        packed_bytes: summary.packed_bytes,
        unpacked_bytes: summary.unpacked_bytes,
    }
}

/// Unpacks an archive member by member: whatever the visitor drops costs no memory.
///
/// Members come in the order of [`Unpacked::members`]. `ControlFlow::Break` ends the unpacking, without an anomaly.
pub fn unpack_each(
    filename: &str,
    bytes: &[u8],
    limits: &Limits,
    visit: &mut dyn FnMut(Member) -> ControlFlow<()>,
) -> Summary {
    let packed_bytes = bytes.len() as u64;
    let mut cx = Session::new(limits, packed_bytes, visit);
    let place = Place {
        prefix: String::new(),
        filename: filename.to_owned(),
        depth: 0,
    };
    let format = open(&mut cx, &place, bytes);
    let (anomalies, unpacked_bytes) = cx.finish();
    Summary {
        anomalies,
        format,
        packed_bytes,
        unpacked_bytes,
    }
}

/// Hands a file of a folder on and, if it is an archive, all that is within it, as [`unpack_each`] does with a member
/// of an archive: `inner.py` of `outer.zip` comes as `outer.zip!/inner.py`.
pub fn open_member(
    member: Member,
    limits: &Limits,
    visit: &mut dyn FnMut(Member) -> ControlFlow<()>,
) -> Summary {
    let packed_bytes = member.data.len() as u64;
    let mut cx = Session::new(limits, packed_bytes, visit);
    let place = Place {
        prefix: String::new(),
        filename: String::new(),
        depth: 0,
    };
    deliver(&mut cx, &place, member);
    let (anomalies, unpacked_bytes) = cx.finish();
    Summary {
        anomalies,
        format: None,
        packed_bytes,
        unpacked_bytes,
    }
}

/// Where an archive stands: in what, and how deep.
#[derive(Debug)]
pub(crate) struct Place {
    /// What comes before its members' paths: nothing, or `outer.zip!/`. Also names it in anomalies of its own.
    pub(crate) prefix: String,
    /// Its file name; with the path, if it is nested.
    pub(crate) filename: String,
    pub(crate) depth: u8,
}

/// Hands a member of an archive on, then opens it if it is an archive itself (of anything but arrays).
pub(crate) fn deliver(cx: &mut Session<'_>, place: &Place, mut member: Member) {
    member.path.insert_str(0, &place.prefix);
    if !looks_like_archive(&member.data) || zip::only_arrays(&member.data) {
        cx.deliver(member);
        return;
    }
    let data = member.data.clone();
    let inner = Place {
        prefix: format!("{}!/", member.path),
        filename: member.path.clone(),
        depth: place.depth.saturating_add(1),
    };
    cx.deliver(member);
    if !cx.alive() {
        return;
    }
    if place.depth >= cx.limits.depth {
        let most = cx.limits.depth;
        cx.note(
            AnomalyKind::TooDeep,
            &inner.filename,
            format!("it is an archive more than {most} levels deep, and stayed unread"),
        );
        return;
    }
    let bytes = data.len() as u64;
    cx.hold(bytes);
    open(cx, &inner, &data);
    cx.release(bytes);
}

/// Hands on a file once more under the path of a link. Its content was opened already.
pub(crate) fn deliver_alias(cx: &mut Session<'_>, place: &Place, mut member: Member) {
    if cx.enter() && cx.charge(member.data.len() as u64) {
        member.path.insert_str(0, &place.prefix);
        cx.deliver(member);
    }
}

/// Whether some tool may read these bytes as an archive or a compressed file. A guess from both ends, made quickly.
pub fn looks_like_archive(bytes: &[u8]) -> bool {
    tar::is_header(bytes)
        || zip::starts(bytes)
        || Compression::of(bytes).is_some()
        || zip::ends(bytes)
}

/// Reads an archive in every way in which a tool may read it.
fn open(cx: &mut Session<'_>, place: &Place, bytes: &[u8]) -> Option<Format> {
    let promise = Promise::of(&place.filename);
    let format = if tar::is_header(bytes) {
        tar::read(cx, place, &mut || Source::Plain { bytes, at: 0 });
        Some(Format::Tar(None))
    } else if zip::starts(bytes) {
        zip::read(cx, place, bytes, promise);
        Some(Format::Zip)
    } else if let Some(compression) = Compression::of(bytes) {
        open_compressed(cx, place, bytes, compression, promise)
    } else if promise == Promise::Archive(Format::Tar(None)) {
        // Some tools pass over a broken first header, and a tar without members is all zeros.
        let found = tar::read(cx, place, &mut || Source::Plain { bytes, at: 0 });
        let empty = !bytes.is_empty() && bytes.iter().all(|b| *b == 0);
        (found || empty).then_some(Format::Tar(None))
    } else {
        None
    };
    if let Some(format) = format
        && promise.is_broken_by(format)
    {
        mislabelled(cx, place, format);
    }
    // Python decides by the end of the file whether it is a zip, and pip asks for that first.
    let compressed = matches!(format, Some(Format::Tar(Some(_)) | Format::Single(_)));
    let also_zip = zip::ends(bytes) || (compressed && place.depth == 0 && zip::holds_end(bytes));
    if format != Some(Format::Zip) && also_zip {
        zip::read(cx, place, bytes, promise);
        if format.is_some() || promise.is_broken_by(Format::Zip) {
            mislabelled(cx, place, Format::Zip);
        }
        return format.or(Some(Format::Zip));
    }
    if format.is_none() && place.depth == 0 {
        match unsupported(bytes) {
            Some(name) => cx.note(
                AnomalyKind::UnsupportedMethod,
                "",
                format!("it is a {name} archive, which is not read here"),
            ),
            None => cx.note(
                AnomalyKind::Corrupt,
                "",
                "it is no archive of a known format",
            ),
        }
    }
    format
}

fn mislabelled(cx: &mut Session<'_>, place: &Place, format: Format) {
    let what = format!("its content is {}, its name says otherwise", format.id());
    let path = if place.depth == 0 {
        ""
    } else {
        &place.filename
    };
    cx.note(AnomalyKind::MislabelledFormat, path, what);
}

fn open_compressed(
    cx: &mut Session<'_>,
    place: &Place,
    bytes: &[u8],
    compression: Compression,
    promise: Promise,
) -> Option<Format> {
    let packed = || Decoder::new(compression, bytes, place.depth);
    let mut decoder = packed();
    let first = decoder.peek(tar::BLOCK);
    let tar = Format::Tar(Some(compression));
    let empty = first.len() >= tar::BLOCK && first.iter().all(|b| *b == 0);
    let has_block = first.len() >= tar::BLOCK;
    let is_tar = tar::is_header(first);
    let nothing = first.is_empty() && !decoder.problems().is_empty();
    // what was decompressed to look at it is not decompressed again
    let mut decoder = Some(decoder);
    let mut unread = || decoder.take().unwrap_or_else(packed);
    if is_tar || (has_block && promise == Promise::Archive(tar)) {
        // Some tools pass over a broken first header, and a tar without members is all zeros.
        let found = tar::read(cx, place, &mut || Source::Packed(Box::new(unread())));
        if found || empty || !cx.alive() {
            return Some(tar);
        }
    }
    if nothing && (place.depth > 0 || compression == Compression::Lzma) {
        let promised =
            Promise::Compressed(compression) == promise || promise == Promise::Archive(tar);
        if !promised {
            // Its first bytes look like a compressed stream by chance.
            return None;
        }
    }
    let broken = single(cx, place, unread(), compression);
    // A tar that breaks off before its first header is broken, not mislabelled.
    let format = Format::Single(compression);
    Some(if broken && promise == Promise::Archive(tar) {
        tar
    } else {
        format
    })
}

/// Reads a compressed file that is no tar. True if it breaks off.
fn single(
    cx: &mut Session<'_>,
    place: &Place,
    mut decoder: Decoder<'_>,
    compression: Compression,
) -> bool {
    if !cx.enter() {
        return false;
    }
    let room = usize::try_from(cx.room()).unwrap_or(usize::MAX);
    let mut data = Vec::with_capacity(decoder.likely_length().min(room));
    let complete = loop {
        let ready = decoder.fill(cx);
        let n = ready.len().min(room.saturating_sub(data.len()));
        data.extend_from_slice(ready.get(..n).unwrap_or_default());
        let (all, at_end) = (n == ready.len(), ready.is_empty());
        decoder.consume(n);
        if at_end || !all {
            break all;
        }
    };
    if !complete {
        cx.note(
            AnomalyKind::TooManyBytes,
            &place.prefix,
            format!("it unpacks to more than the {room} bytes allowed; the rest stayed unread"),
        );
    }
    let mut broken = false;
    for problem in decoder.problems() {
        broken |= problem.kind == AnomalyKind::Corrupt;
        cx.note(problem.kind, &place.prefix, problem.detail.as_str());
    }
    drop(decoder);
    if !broken || !data.is_empty() {
        let name = inner_name(&place.filename, compression);
        let member = Member {
            path: crate::path::sanitise(name).path,
            raw_path: name.as_bytes().into(),
            executable: false,
            complete: complete && !broken && cx.alive(),
            data: Bytes::from(data),
            depth: place.depth,
            link_to: None,
        };
        deliver(cx, place, member);
    }
    broken
}
