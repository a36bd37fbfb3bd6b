//! The entries of a central directory.

use super::CENTRAL;
use super::end::End;
use super::fields::{Fields, extras, zip64};
use super::local::Local;
use super::names::decode;
use crate::session::Session;

/// Bytes of an entry without its variable part.
const LENGTH: usize = 46;

/// One entry, as the directory has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) raw: Box<[u8]>,
    pub(super) text: String,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) unpacked: u64,
    /// Where its local header stands.
    pub(super) offset: u64,
    /// Unix mode; 0 if the archive does not come from Unix.
    pub(super) mode: u32,
    /// Another name, in the Info-ZIP Unicode path extra field.
    pub(super) second_name: Option<String>,
    /// Its zip64 field contradicts its header.
    pub(super) contradict: bool,
}

impl Entry {
    /// What a directory might have said about a member that only its local header knows.
    pub(super) fn unlisted(local: &Local) -> Self {
        Self {
            raw: local.raw.clone(),
            text: local.text.clone(),
            flags: local.flags,
            method: local.method,
            crc: local.crc,
            packed: local.packed,
            unpacked: local.unpacked,
            offset: 0,
            mode: 0,
            second_name: None,
            contradict: local.contradict,
        }
    }
}

/// A directory, read as far as it goes.
#[derive(Debug, Default)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    /// What is wrong with it as a whole.
    pub(super) problems: Vec<String>,
}

impl Directory {
    /// Reads the directory that an end record leads to, up to `most` entries.
    pub(super) fn read(cx: &mut Session<'_>, bytes: &[u8], end: &End, most: usize) -> Self {
        let mut directory = Self::default();
        let mut at = end.directory;
        let mut unshifted = false;
        while at < end.directory_finish && directory.entries.len() < most {
            let Some(record) = Fields::at(bytes, at, CENTRAL) else {
                break;
            };
            let Some((entry, length)) = entry(bytes, record, end.shift, &mut unshifted) else {
                directory
                    .problems
                    .push("its central directory is cut off".into());
                return directory;
            };
            if !cx.remember(entry.raw.len() + entry.text.len()) {
                return directory;
            }
            directory.entries.push(entry);
            at = at.saturating_add(length);
        }
        if unshifted {
            let what = "the offset of its central directory is wrong";
            directory.problems.push(what.into());
        }
        let found = directory.entries.len() as u64;
        if found >= most as u64 {
            return directory;
        }
        let counted = if end.wide {
            found
        } else {
            found & u64::from(u16::MAX)
        };
        if counted != end.entries {
            let stated = end.entries;
            directory.problems.push(format!(
                "its end record counts {stated} entries, its central directory has {found}"
            ));
        }
        let signature = bytes
            .get(at..)
            .is_some_and(|b| b.starts_with(b"PK\x05\x05"));
        if at != end.directory_finish && !signature {
            directory
                .problems
                .push("its central directory does not end where the end record says".into());
        }
        directory
    }
}

/// One entry and its length. `unshifted` becomes true if its local header stands where it says, though the
/// directory does not.
fn entry(
    bytes: &[u8],
    record: Fields<'_>,
    shift: u64,
    unshifted: &mut bool,
) -> Option<(Entry, usize)> {
    let (name_length, extra_length, comment_length) =
        (record.u16(28)?, record.u16(30)?, record.u16(32)?);
    let raw = record.bytes(LENGTH, name_length)?;
    let extra_at = LENGTH + usize::from(name_length);
    let extra = record.bytes(extra_at, extra_length)?;
    let length = extra_at + usize::from(extra_length) + usize::from(comment_length);
    let sizes = zip64(
        record.u32(24)?,
        record.u32(20)?,
        Some(record.u32(42)?),
        extra,
    );
    let flags = record.u16(8)?;
    let text = decode(raw, flags);
    let made_on_unix = matches!(record.u16(4)? >> 8, 3 | 19);
    let offset = local_offset(bytes, sizes.offset, shift);
    *unshifted |= shift > 0 && offset == sizes.offset;
    let entry = Entry {
        second_name: unicode_path(raw, extra).filter(|name| *name != text),
        raw: raw.into(),
        text,
        flags,
        method: record.u16(10)?,
        crc: record.u32(16)?,
        packed: sizes.packed,
        unpacked: sizes.unpacked,
        offset,
        mode: if made_on_unix {
            record.u32(38)? >> 16
        } else {
            0
        },
        contradict: sizes.contradict,
    };
    Some((entry, length))
}

/// The stated offset of a local header, or where it lies if something was put before the archive and the offsets
/// were not adjusted.
fn local_offset(bytes: &[u8], stated: u64, shift: u64) -> u64 {
    let shifted = stated.saturating_add(shift);
    let has_header = |offset: u64| {
        usize::try_from(offset)
            .ok()
            .and_then(|at| Fields::at(bytes, at, super::LOCAL))
            .is_some()
    };
    if shift > 0 && !has_header(shifted) && has_header(stated) {
        stated
    } else {
        shifted
    }
}

/// The name in the Info-ZIP Unicode path extra field, if it belongs to this header's name.
pub(super) fn unicode_path(raw: &[u8], extra: &[u8]) -> Option<String> {
    let (_, content) = extras(extra).find(|(id, _)| *id == 0x7075)?;
    let fields = Fields(content);
    if content.first() != Some(&1) || fields.u32(1)? != crc32fast::hash(raw) {
        return None;
    }
    Some(String::from_utf8_lossy(content.get(5..)?).into_owned())
}
