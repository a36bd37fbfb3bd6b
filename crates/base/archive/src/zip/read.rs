//! A whole zip: what its directories list, what only its local headers know, and what belongs to nobody.

use std::collections::BTreeSet;

use foretaste_model::AnomalyKind;

use super::data::{Content, Packed, unpack};
use super::directory::{Directory, Entry};
use super::end::{self, End};
use super::local::{Local, MASKED_FLAG, descriptor};
use crate::format::Promise;
use crate::links::{Links, Target};
use crate::member::Member;
use crate::names::{Names, Reread, name_unnamed, settle};
use crate::path::Name;
use crate::session::Session;
use crate::unpack::{Place, deliver};

/// The flag of encrypted members.
const ENCRYPTED: u16 = 1;
/// The method number that hides the real one behind AES.
const AES: u16 = 99;
/// Bytes of a link's target; longer content is no path.
const MAX_TARGET: usize = 4096;

/// Reads a zip. `promise` is what its file name says.
pub(crate) fn read(cx: &mut Session<'_>, place: &Place, bytes: &[u8], promise: Promise) {
    let ends = end::find(bytes);
    let mut zip = Zip {
        bytes,
        place,
        names: Names::default(),
        links: Links::default(),
        parts: Vec::new(),
        claims: Vec::new(),
        directory: ends
            .iter()
            .map(|e| e.directory)
            .max()
            .unwrap_or(bytes.len()),
        listed: true,
    };
    for entry in zip.directories(cx, &ends) {
        if !cx.enter() {
            break;
        }
        zip.entry(cx, &entry);
    }
    let directory = ends
        .iter()
        .map(|end| end.directory)
        .min()
        .unwrap_or(bytes.len());
    zip.gaps(cx, directory, promise);
    let Zip {
        names,
        links,
        parts,
        ..
    } = zip;
    settle(cx, place, &names, &links, &mut |cx, wanted, sink| {
        for part in parts.iter().filter(|part| wanted(&part.path)) {
            let content = unpack(cx, &part.packed, place.depth);
            sink(
                cx,
                Reread {
                    path: &part.path,
                    executable: part.executable,
                    data: content.data,
                    complete: content.complete,
                },
            );
        }
    });
}

/// The state of reading one zip.
pub(super) struct Zip<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) place: &'a Place,
    names: Names,
    links: Links,
    /// What was returned, to be read again for links and repeated names.
    parts: Vec<Part<'a>>,
    /// From each listed local header to the end of its data.
    pub(super) claims: Vec<(usize, usize)>,
    /// Where the last directory begins: no member before it runs into it.
    directory: usize,
    /// False if there is no directory, so that every local header is news.
    pub(super) listed: bool,
}

/// A member that was returned.
pub(super) struct Part<'a> {
    path: String,
    executable: bool,
    packed: Packed<'a>,
}

/// One way to read a member's data, with what it says about the result.
pub(super) struct Reading<'a> {
    pub(super) packed: Packed<'a>,
    crc: Option<u32>,
    encrypted: bool,
}

impl<'a> Zip<'a> {
    pub(super) fn note(
        &self,
        cx: &mut Session<'_>,
        kind: AnomalyKind,
        detail: impl Into<Box<str>>,
    ) {
        cx.note(kind, &self.place.prefix, detail);
    }

    /// The entries of all directories, each once.
    fn directories(&mut self, cx: &mut Session<'_>, ends: &[End]) -> Vec<Entry> {
        let Some(outermost) = ends.first() else {
            self.listed = false;
            let what = "it has no end record: it is cut off or damaged";
            self.note(cx, AnomalyKind::Corrupt, what);
            return Vec::new();
        };
        if ends.len() > 1 {
            let what = "it has several end records, and tools disagree about which one counts";
            self.note(cx, AnomalyKind::HeaderMismatch, what);
        }
        match self.bytes.get(outermost.finish..) {
            None => self.note(cx, AnomalyKind::Corrupt, "its comment is cut off"),
            Some(rest) if rest.iter().all(|b| *b == 0) => {}
            Some(rest) => {
                let what = format!("{} bytes follow its end", rest.len());
                self.note(cx, AnomalyKind::TrailingData, what);
            }
        }
        let most = usize::try_from(cx.limits.entries).unwrap_or(usize::MAX);
        let most = most.saturating_add(1);
        let mut entries = Vec::new();
        let mut known = BTreeSet::new();
        for end in ends {
            let directory = Directory::read(cx, self.bytes, end, most);
            for problem in &end.problems {
                self.note(cx, AnomalyKind::HeaderMismatch, *problem);
            }
            for problem in directory.problems {
                self.note(cx, AnomalyKind::HeaderMismatch, problem);
            }
            if ends.len() == 1 {
                return directory.entries;
            }
            let fresh = directory
                .entries
                .into_iter()
                .filter(|entry| !known.contains(entry));
            entries.extend(fresh);
            known.extend(entries.iter().cloned());
        }
        entries
    }

    /// Returns a listed member, in every reading of its two headers.
    fn entry(&mut self, cx: &mut Session<'_>, entry: &Entry) {
        let text = match &entry.second_name {
            Some(second) if !entry.raw.is_ascii() => second,
            _ => &entry.text,
        };
        let mut names = vec![self.name(cx, &entry.raw, text)];
        let shown = names.first().map(|n| n.shown.clone()).unwrap_or_default();
        let offset = usize::try_from(entry.offset).unwrap_or(usize::MAX);
        let Some(local) = Local::read(self.bytes, offset) else {
            let what = "the central directory lists it, but there is no local header for it";
            cx.note(AnomalyKind::Corrupt, &shown, what);
            return;
        };
        for problem in contradictions(entry, &local) {
            cx.note(AnomalyKind::HeaderMismatch, &shown, problem);
        }
        if let Some(second) = entry.second_name.as_ref().filter(|_| entry.raw.is_ascii()) {
            let what = format!("its Unicode path field names it `{second}`");
            cx.note(AnomalyKind::HeaderMismatch, &shown, what);
            names.push(self.name(cx, second.as_bytes(), second));
        }
        if local.raw != entry.raw && local.flags & MASKED_FLAG == 0 {
            names.push(self.name(cx, &local.raw, &local.text));
        }

        let length = usize::try_from(entry.packed).unwrap_or(usize::MAX);
        let mut finish = local.data.saturating_add(length);
        if finish > self.bytes.len() {
            cx.note(AnomalyKind::Corrupt, &shown, "the archive ends within it");
        } else if local.data <= self.directory && finish > self.directory {
            let what = "it runs into the central directory";
            cx.note(AnomalyKind::HeaderMismatch, &shown, what);
        }
        if local.data <= self.directory {
            finish = finish.min(self.directory);
        }
        let after = if local.defers() {
            descriptor(self.bytes, finish, entry.crc, entry.packed, entry.unpacked)
        } else {
            0
        };
        self.claims.push((offset, finish.saturating_add(after)));

        let by_directory = Reading {
            packed: Packed {
                bytes: self.slice(local.data, length),
                method: entry.method,
                unpacked: Some(entry.unpacked),
            },
            crc: Some(entry.crc),
            encrypted: entry.flags & ENCRYPTED != 0 || entry.method == AES,
        };
        let by_local = self.reading(&local, by_directory.packed.bytes.len(), entry.packed);
        let differs = by_local.packed.bytes.len() != by_directory.packed.bytes.len()
            || by_local.packed.method != by_directory.packed.method
            || by_local.encrypted != by_directory.encrypted;
        let first = self.content(cx, &shown, &by_directory);
        self.hand_on(cx, &names, entry, &by_directory, first.as_ref(), true);
        if differs {
            let second = self.content(cx, &shown, &by_local);
            let news = match (&first, &second) {
                (Some(first), Some(second)) => first.data != second.data,
                (None, Some(_)) => true,
                (_, None) => false,
            };
            if news {
                self.hand_on(cx, &names, entry, &by_local, second.as_ref(), false);
            }
        }
    }

    /// The reading that a tool takes which goes by local headers alone.
    pub(super) fn reading(
        &self,
        local: &Local,
        deferred_length: usize,
        deferred_packed: u64,
    ) -> Reading<'a> {
        let deferred = local.defers() && local.packed == 0;
        let length = if deferred {
            deferred_length
        } else {
            usize::try_from(local.packed).unwrap_or(usize::MAX)
        };
        let unpacked = if deferred {
            (local.method == 0).then_some(deferred_packed)
        } else {
            Some(local.unpacked)
        };
        Reading {
            packed: Packed {
                bytes: self.slice(local.data, length),
                method: local.method,
                unpacked,
            },
            crc: (!local.defers()).then_some(local.crc),
            encrypted: local.flags & ENCRYPTED != 0 || local.method == AES,
        }
    }

    pub(super) fn slice(&self, at: usize, length: usize) -> &'a [u8] {
        let limit = if at <= self.directory {
            self.directory
        } else {
            self.bytes.len()
        };
        self.bytes
            .get(at..at.saturating_add(length).min(limit))
            .unwrap_or_default()
    }

    pub(super) fn name(&self, cx: &mut Session<'_>, raw: &[u8], text: &str) -> Name {
        Name::new(cx, &self.place.prefix, raw, text)
    }

    /// Decompresses a member and judges the result. None if it is encrypted or not supported.
    pub(super) fn content(
        &self,
        cx: &mut Session<'_>,
        shown: &str,
        reading: &Reading<'_>,
    ) -> Option<Content> {
        if reading.encrypted {
            cx.note(AnomalyKind::Encrypted, shown, "it is encrypted");
            return None;
        }
        let content = unpack(cx, &reading.packed, self.place.depth);
        if let Some((kind, detail)) = &content.problem {
            cx.note(*kind, shown, detail.as_str());
            if *kind == AnomalyKind::UnsupportedMethod {
                return None;
            }
        }
        if content.complete {
            let length = content.data.len() as u64;
            if let Some(stated) = reading.packed.unpacked.filter(|stated| *stated != length) {
                let what = format!("it should have {stated} bytes and has {length}");
                cx.note(AnomalyKind::HeaderMismatch, shown, what);
            }
            if reading
                .crc
                .is_some_and(|crc| crc != crc32fast::hash(&content.data))
            {
                let what = "its checksum does not match its content";
                cx.note(AnomalyKind::ChecksumMismatch, shown, what);
            }
            let unused = reading.packed.bytes.len() - content.consumed;
            if unused > 0 && reading.crc.is_some() {
                let what = format!("{unused} bytes follow its compressed data");
                cx.note(AnomalyKind::TrailingData, shown, what);
            }
        }
        Some(content)
    }

    /// Hands a member's content on under all its names. A second reading of a member gives it no second name.
    pub(super) fn hand_on(
        &mut self,
        cx: &mut Session<'_>,
        names: &[Name],
        entry: &Entry,
        reading: &Reading<'a>,
        content: Option<&Content>,
        first: bool,
    ) {
        let Some(content) = content else { return };
        let kind = entry.mode & 0o170_000;
        for name in names {
            let mut name = name.clone();
            if name.raw.ends_with(b"/") || name.raw.ends_with(b"\\") {
                if content.data.is_empty() {
                    continue;
                }
                let what = "it is named like a folder but has content";
                cx.note(AnomalyKind::HeaderMismatch, &name.shown, what);
            }
            match kind {
                0o120_000 if content.data.len() <= MAX_TARGET => {
                    self.links.add(cx, &name, Target::symbolic(&content.data));
                }
                0o010_000 | 0o020_000 | 0o060_000 | 0o140_000 => {
                    let what = "it is a device file, a FIFO or a socket";
                    cx.note(AnomalyKind::SpecialFile, &name.shown, what);
                }
                _ => {}
            }
            name_unnamed(cx, &mut name);
            let executable = kind != 0o120_000 && entry.mode & 0o111 != 0;
            if first {
                self.names.add_file(cx, &name);
                self.parts.push(Part {
                    path: name.path.clone(),
                    executable,
                    packed: reading.packed,
                });
            }
            let member = Member {
                path: name.path,
                raw_path: name.raw,
                executable,
                data: content.data.clone(),
                complete: content.complete,
                depth: self.place.depth,
                link_to: None,
            };
            deliver(cx, self.place, member);
        }
    }
}

/// What the two headers of a member say differently.
fn contradictions(entry: &Entry, local: &Local) -> Vec<String> {
    let mut found = Vec::new();
    if entry.contradict || local.contradict {
        found.push("its zip64 field contradicts its header".into());
    }
    if local.flags & MASKED_FLAG != 0 {
        return found;
    }
    if entry.raw != local.raw {
        let name = &local.text[..local.text.floor_char_boundary(256)];
        found.push(format!("its local header names it `{name}`"));
    }
    let mut differ = |what: &str, listed: u64, local: u64| {
        if listed != local {
            found.push(format!(
                "its {what} is {listed} in the central directory and {local} in its local header"
            ));
        }
    };
    differ("method", entry.method.into(), local.method.into());
    differ(
        "encryption flag",
        (entry.flags & ENCRYPTED).into(),
        (local.flags & ENCRYPTED).into(),
    );
    // Values that follow the data are zero in the header.
    let stated = |value: u64| !local.defers() || value != 0;
    if stated(local.crc.into()) {
        differ("checksum", entry.crc.into(), local.crc.into());
    }
    if stated(local.packed) {
        differ("packed size", entry.packed, local.packed);
    }
    if stated(local.unpacked) {
        differ("size", entry.unpacked, local.unpacked);
    }
    found
}
