//! The members of a tar stream, one after the other, past whatever is broken.

use bytes::Bytes;
use foretaste_model::AnomalyKind;

use super::BLOCK;
use super::extension::Records;
use super::header::{Header, until_nul};
use super::sparse::Sparse;
use crate::path::Name;
use crate::session::Session;
use crate::stream::Source;
use crate::unpack::Place;

/// Sizes from here on do not fit the 11 octal digits of a header, so that only an extension can state them.
const OCTAL_SIZES: u64 = 1 << 33;

/// One member.
pub(super) struct Entry {
    pub(super) name: Name,
    pub(super) kind: Kind,
    pub(super) executable: bool,
    /// Stored bytes.
    size: u64,
    sparse: Option<Sparse>,
}

/// What a member is.
pub(super) enum Kind {
    File,
    Folder,
    Symlink(Vec<u8>),
    Hardlink(Vec<u8>),
    Special,
}

/// The walk over a tar stream.
pub(super) struct Walk<'a> {
    source: Source<'a>,
    place: &'a Place,
    block: Vec<u8>,
    global: Records,
    end_mark: bool,
    /// The block before was no header, and that was reported.
    lost: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(source: Source<'a>, place: &'a Place) -> Self {
        Self {
            source,
            place,
            block: Vec::with_capacity(BLOCK),
            global: Records::default(),
            end_mark: false,
            lost: false,
        }
    }

    /// The next member. None at the end, or when the session winds down.
    pub(super) fn next(&mut self, cx: &mut Session<'_>) -> Option<Entry> {
        let mut local = Records::default();
        let mut long_name = None;
        let mut long_link = None;
        loop {
            let block = self.header(cx)?;
            let header = Header(&block);
            let Some(stored) = header.size() else {
                self.note(cx, AnomalyKind::Corrupt, "a member's size is no number");
                continue;
            };
            match header.kind() {
                b'x' | b'X' => {
                    if let Some(bytes) = self.extension(cx, stored, "PAX")
                        && !local.read(&bytes)
                    {
                        self.note(cx, AnomalyKind::Corrupt, "a PAX header is malformed");
                    }
                }
                b'g' => {
                    if let Some(bytes) = self.extension(cx, stored, "global PAX")
                        && !self.global.read(&bytes)
                    {
                        self.note(cx, AnomalyKind::Corrupt, "a global PAX header is malformed");
                    }
                }
                b'L' => long_name = self.extension(cx, stored, "GNU long name").or(long_name),
                b'K' => long_link = self.extension(cx, stored, "GNU long link").or(long_link),
                _ => {
                    let records = std::mem::take(&mut local).or(&self.global);
                    let entry = self.entry(cx, header, stored, &records, long_name, long_link);
                    return cx.enter().then_some(entry);
                }
            }
        }
    }

    fn entry(
        &mut self,
        cx: &mut Session<'_>,
        header: Header<'_>,
        stored: u64,
        records: &Records,
        long_name: Option<Vec<u8>>,
        long_link: Option<Vec<u8>>,
    ) -> Entry {
        let raw = records
            .sparse_name
            .clone()
            .or_else(|| records.path.clone())
            .or_else(|| long_name.map(|n| until_nul(&n).to_vec()))
            .unwrap_or_else(|| header.name());
        let name = Name::new(cx, &self.place.prefix, &raw, &String::from_utf8_lossy(&raw));
        let size = records.size.unwrap_or(stored);
        if size != stored && size < OCTAL_SIZES {
            cx.note(
                AnomalyKind::HeaderMismatch,
                &name.shown,
                format!("its PAX header says {size} bytes, its tar header {stored}"),
            );
        }
        let link = || {
            records
                .link
                .clone()
                .or_else(|| long_link.map(|n| until_nul(&n).to_vec()))
                .unwrap_or_else(|| header.link().to_vec())
        };
        let kind = match header.kind() {
            b'1' => Kind::Hardlink(link()),
            b'2' => Kind::Symlink(link()),
            b'3' | b'4' | b'6' => Kind::Special,
            b'5' => Kind::Folder,
            b'V' if size == 0 => Kind::Folder,
            b'\0' | b'0' if raw.ends_with(b"/") && size == 0 => Kind::Folder,
            b'\0' | b'0' if raw.ends_with(b"/") => {
                let what = "it is named like a folder but has content";
                cx.note(AnomalyKind::HeaderMismatch, &name.shown, what);
                Kind::File
            }
            // Unknown kinds are regular files, as POSIX and Python have it.
            _ => Kind::File,
        };
        let sparse = match kind {
            Kind::File => self.sparse(cx, header, records),
            _ => None,
        };
        Entry {
            name,
            executable: header.mode() & 0o111 != 0,
            size: if matches!(kind, Kind::File) { size } else { 0 },
            kind,
            sparse,
        }
    }

    fn sparse(
        &mut self,
        cx: &mut Session<'_>,
        header: Header<'_>,
        records: &Records,
    ) -> Option<Sparse> {
        if header.kind() == b'S' {
            let (entries, mut more, size) = header.gnu_sparse();
            let mut sparse = Sparse {
                size: size?,
                ..Sparse::default()
            };
            let mut open = sparse.add_gnu_entries(entries);
            while more {
                self.block.clear();
                let mut block = std::mem::take(&mut self.block);
                let whole = self.source.take(cx, BLOCK as u64, &mut block);
                if whole {
                    open = open && sparse.add_gnu_entries(block.get(..504).unwrap_or_default());
                    more = block.get(504).is_some_and(|b| *b != 0);
                }
                self.block = block;
                if !whole {
                    break;
                }
            }
            return Some(sparse);
        }
        let size = records.sparse_size?;
        let mut sparse = Sparse::from_numbers(size, &records.sparse_map);
        sparse.map_in_data = records.sparse_major == Some(1);
        (sparse.map_in_data || !sparse.pieces.is_empty()).then_some(sparse)
    }

    /// The next block whose checksum holds.
    fn header(&mut self, cx: &mut Session<'_>) -> Option<[u8; BLOCK]> {
        loop {
            self.block.clear();
            let mut bytes = std::mem::take(&mut self.block);
            self.source.take(cx, BLOCK as u64, &mut bytes);
            let zero = bytes.iter().all(|b| *b == 0);
            let block = bytes.first_chunk::<BLOCK>().copied();
            self.block = bytes;
            let Some(block) = block else {
                self.end(cx, zero);
                return None;
            };
            if zero {
                self.end_mark = true;
                continue;
            }
            let valid = Header(&block).checksum_holds();
            if !self.lost {
                if self.end_mark {
                    let what = if valid {
                        "members follow the end mark; some tools read them, some do not"
                    } else {
                        "data follows the end mark"
                    };
                    self.note(cx, AnomalyKind::TrailingData, what);
                    self.lost = true;
                } else if !valid {
                    let kind = if Header(&block).is_ustar() {
                        AnomalyKind::ChecksumMismatch
                    } else {
                        AnomalyKind::Corrupt
                    };
                    let what = "a header is invalid; reading went on at the next valid one";
                    self.note(cx, kind, what);
                    self.lost = true;
                }
            }
            if valid {
                self.lost = false;
                self.end_mark = false;
                return Some(block);
            }
        }
    }

    /// Judges how the stream ended.
    fn end(&mut self, cx: &mut Session<'_>, zero: bool) {
        if !cx.alive() {
            return;
        }
        if !zero && !self.end_mark {
            self.note(cx, AnomalyKind::Corrupt, "it ends within a header");
        } else if !zero && !self.lost {
            self.note(cx, AnomalyKind::TrailingData, "data follows the end mark");
        } else if !self.end_mark && self.source.is_plain() {
            self.note(cx, AnomalyKind::Corrupt, "it ends without an end mark");
        }
        for problem in self.source.problems() {
            cx.note(problem.kind, &self.place.prefix, problem.detail.as_str());
        }
    }

    /// The body of an extension header. None if it is larger than any real one, or cut off.
    fn extension(&mut self, cx: &mut Session<'_>, size: u64, what: &str) -> Option<Vec<u8>> {
        let most = u64::from(cx.limits.header_bytes);
        if size > most {
            self.note(
                cx,
                AnomalyKind::OversizedHeader,
                format!("a {what} header of {size} bytes, more than the {most} allowed"),
            );
            self.source.skip(cx, size);
            self.skip_padding(cx, size);
            return None;
        }
        let mut bytes = Vec::new();
        let whole = self.source.take(cx, size, &mut bytes);
        self.skip_padding(cx, size);
        if !whole && cx.alive() {
            self.note(
                cx,
                AnomalyKind::Corrupt,
                format!("it ends within a {what} header"),
            );
        }
        whole.then_some(bytes)
    }

    /// The content of a member just returned, and whether that is all of it.
    pub(super) fn body(&mut self, cx: &mut Session<'_>, entry: &Entry) -> (Bytes, bool) {
        let room = cx.room();
        let wanted = entry.size.min(room);
        let mut data = Vec::with_capacity(usize::try_from(wanted).unwrap_or(0).min(1 << 20));
        let whole = self.source.take(cx, wanted, &mut data);
        if !whole && cx.alive() {
            let (have, size) = (data.len(), entry.size);
            cx.note(
                AnomalyKind::Corrupt,
                &entry.name.shown,
                format!("the archive ends after {have} of its {size} bytes"),
            );
        } else if whole && entry.size > room {
            too_large(cx, &entry.name, entry.size);
            self.source.skip(cx, entry.size - wanted);
        }
        self.skip_padding(cx, entry.size);
        let complete = whole && entry.size <= room;
        match &entry.sparse {
            Some(sparse) if complete => expand(cx, &entry.name, sparse.clone(), data),
            _ => (Bytes::from(data), complete),
        }
    }

    /// Passes over the content of a member just returned.
    pub(super) fn skip(&mut self, cx: &mut Session<'_>, entry: &Entry) {
        self.source.skip(cx, entry.size);
        self.skip_padding(cx, entry.size);
    }

    fn skip_padding(&mut self, cx: &mut Session<'_>, size: u64) {
        let block = BLOCK as u64;
        self.source.skip(cx, (block - size % block) % block);
    }

    fn note(&self, cx: &mut Session<'_>, kind: AnomalyKind, detail: impl Into<Box<str>>) {
        cx.note(kind, &self.place.prefix, detail);
    }
}

fn too_large(cx: &mut Session<'_>, name: &Name, size: u64) {
    let room = cx.room();
    cx.note(
        AnomalyKind::TooManyBytes,
        &name.shown,
        format!("its {size} bytes are more than the {room} allowed; the rest stayed unread"),
    );
}

fn expand(cx: &mut Session<'_>, name: &Name, mut sparse: Sparse, stored: Vec<u8>) -> (Bytes, bool) {
    let mut pieces = stored.as_slice();
    if sparse.map_in_data {
        let Some(rest) = sparse.take_map(pieces) else {
            cx.note(
                AnomalyKind::Corrupt,
                &name.shown,
                "its sparse map is malformed",
            );
            return (Bytes::from(stored), false);
        };
        pieces = rest;
    }
    if sparse.size > cx.room() {
        too_large(cx, name, sparse.size);
        return (Bytes::from(stored), false);
    }
    if !cx.charge(sparse.size) {
        return (Bytes::from(stored), false);
    }
    let Some(file) = sparse.expand(pieces) else {
        cx.note(
            AnomalyKind::Corrupt,
            &name.shown,
            "its sparse map does not fit its size",
        );
        return (Bytes::from(stored), false);
    };
    (Bytes::from(file), true)
}
