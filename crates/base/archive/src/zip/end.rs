//! The end of central directory record: finding the true one, and every other that a tool may take for it.
//!
//! `PK\x05\x06` occurs by chance in compressed data. What makes an end record is that its directory stands where
//! it says, and that its comment reaches the end of the file. Tools that take the last signature regardless are
//! served too: a record inside the comment of another is returned as well, if it has a directory of its own.

use memchr::memmem;

use super::fields::Fields;
use super::{CENTRAL, END, END64, LOCATOR64};

/// Bytes of an end record without its comment.
const LENGTH: usize = 22;
/// Where the length of the comment stands.
const COMMENT: usize = 20;
/// Bytes of a zip64 end record without its extensible part.
const LENGTH64: usize = 56;
/// Bytes of the locator of the zip64 end record.
const LOCATOR_LENGTH: usize = 20;
/// End records that are followed: more are noted, but tell nothing new.
const MOST: usize = 4;

/// An end record whose directory stands where it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Where the record begins.
    pub(super) at: usize,
    /// Where its comment should end.
    pub(super) finish: usize,
    /// Where the directory begins.
    pub(super) directory: usize,
    /// Where the directory must have ended.
    pub(super) directory_finish: usize,
    /// Entries, as stated; modulo 65536 without zip64.
    pub(super) entries: u64,
    /// Entries are counted in 64 bits.
    pub(super) wide: bool,
    /// Bytes that all stated offsets are short of, because something was put before the archive.
    pub(super) shift: u64,
    /// What contradicts itself in it.
    pub(super) problems: Vec<&'static str>,
}

/// True if a zip ends exactly where the bytes end, whatever they begin with.
pub(crate) fn ends(bytes: &[u8]) -> bool {
    let tail = window(bytes, bytes.len());
    // Cheap tests first: this is asked of every file.
    memmem::rfind_iter(tail, &END).any(|at| {
        let comment = Fields(tail).u16(at + COMMENT);
        comment.is_some_and(|length| at + LENGTH + usize::from(length) == tail.len())
            && plausible(bytes, bytes.len() - tail.len() + at).is_some_and(|end| end.entries > 0)
    })
}

/// True if an end record with a directory stands where Python looks for one: near the end, whatever follows it.
pub(crate) fn holds_end(bytes: &[u8]) -> bool {
    candidates(bytes, window(bytes, bytes.len())).any(|end| end.entries > 0)
}

/// Every end record that a tool may go by, the outermost first.
pub(super) fn find(bytes: &[u8]) -> Vec<End> {
    let near: Vec<End> = candidates(bytes, window(bytes, bytes.len()))
        .take(64)
        .collect();
    if let Some(outermost) = near.iter().rposition(|end| end.finish == bytes.len()) {
        let mut ends = near;
        ends.truncate(outermost + 1);
        ends.reverse();
        ends.truncate(MOST);
        return ends;
    }
    if let Some(last) = near.into_iter().next() {
        return vec![last];
    }
    // Padding or appended data longer than any comment.
    let zeros = bytes.iter().rev().take_while(|b| **b == 0).count();
    let padded = (bytes.len() - zeros)
        .saturating_add(LENGTH)
        .min(bytes.len());
    candidates(bytes, window(bytes, padded))
        .next()
        .or_else(|| candidates(bytes, bytes).next())
        .into_iter()
        .collect()
}

/// The last bytes before `end` in which a record with its comment can begin.
fn window(bytes: &[u8], end: usize) -> &[u8] {
    let bytes = bytes.get(..end).unwrap_or(bytes);
    let from = bytes.len().saturating_sub(LENGTH + usize::from(u16::MAX));
    bytes.get(from..).unwrap_or_default()
}

/// The plausible records that begin within a tail of the bytes, the last first.
fn candidates<'a>(bytes: &'a [u8], tail: &'a [u8]) -> impl Iterator<Item = End> + 'a {
    // `tail` is a part of `bytes` that may stop before its end.
    let from = tail.as_ptr().addr() - bytes.as_ptr().addr();
    memmem::rfind_iter(tail, &END).filter_map(move |at| plausible(bytes, from + at))
}

fn plausible(bytes: &[u8], at: usize) -> Option<End> {
    let record = Fields::at(bytes, at, END)?;
    let (narrow_entries, narrow_size, narrow_offset) =
        (record.u16(10)?, record.u32(12)?, record.u32(16)?);
    let comment = record.u16(COMMENT)?;
    let mut end = End {
        at,
        finish: at + LENGTH + usize::from(comment),
        directory: 0,
        directory_finish: at,
        entries: narrow_entries.into(),
        wide: false,
        shift: 0,
        problems: Vec::new(),
    };
    let (mut size, mut offset) = (u64::from(narrow_size), u64::from(narrow_offset));
    let overflows =
        narrow_entries == u16::MAX || narrow_size == u32::MAX || narrow_offset == u32::MAX;
    if let Some((at64, record64)) = find64(bytes, at) {
        let wide = (record64.u64(32)?, record64.u64(40)?, record64.u64(48)?);
        let fits = (narrow_entries == u16::MAX || u64::from(narrow_entries) == wide.0)
            && (narrow_size == u32::MAX || size == wide.1)
            && (narrow_offset == u32::MAX || offset == wide.2);
        if !fits {
            end.problems
                .push("its zip64 end record contradicts its end record");
        }
        end.directory_finish = at64;
        if overflows || !fits {
            (end.entries, size, offset) = wide;
            end.wide = true;
        }
    } else if overflows && narrow_entries != u16::MAX {
        end.problems.push("its zip64 end record is missing");
    }
    let is_directory = |start: usize| {
        (end.entries == 0 && size == 0)
            || bytes.get(start..).is_some_and(|b| b.starts_with(&CENTRAL))
    };
    let before = usize::try_from(size)
        .ok()
        .and_then(|size| end.directory_finish.checked_sub(size))
        .filter(|start| is_directory(*start));
    let stated = usize::try_from(offset)
        .ok()
        .filter(|start| *start < at && is_directory(*start));
    end.directory = match (before, stated) {
        (Some(before), Some(stated)) if before != stated && end.entries > 0 => {
            end.problems
                .push("its end record leads to two different central directories");
            before
        }
        (Some(before), _) => before,
        (None, Some(stated)) => {
            end.problems
                .push("the size of its central directory is wrong");
            stated
        }
        (None, None) => return None,
    };
    match (end.directory as u64).checked_sub(offset) {
        Some(shift) => end.shift = shift,
        None => end
            .problems
            .push("the offset of its central directory lies behind it"),
    }
    Some(end)
}

/// The zip64 end record that belongs to an end record.
fn find64(bytes: &[u8], at: usize) -> Option<(usize, Fields<'_>)> {
    let locator_at = at.checked_sub(LOCATOR_LENGTH)?;
    let locator = Fields::at(bytes, locator_at, LOCATOR64)?;
    let stated = usize::try_from(locator.u64(8)?).ok();
    let adjacent = locator_at.checked_sub(LENGTH64);
    [stated, adjacent]
        .into_iter()
        .flatten()
        .filter(|start| *start < locator_at)
        .find_map(|start| Some((start, Fields::at(bytes, start, END64)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(entries: u16, size: u32, offset: u32, comment: &[u8]) -> Vec<u8> {
        let mut bytes = END.to_vec();
        bytes.extend([0; 4]);
        bytes.extend(entries.to_le_bytes());
        bytes.extend(entries.to_le_bytes());
        bytes.extend(size.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        bytes.extend((comment.len() as u16).to_le_bytes());
        bytes.extend(comment);
        bytes
    }

    #[test]
    fn a_signature_without_a_directory_is_chance() {
        let mut bytes = b"dataPK\x05\x06 and more compressed bytes here".to_vec();
        let directory = bytes.len() as u32;
        bytes.extend(CENTRAL);
        bytes.extend([0; 42]);
        let at = bytes.len();
        bytes.extend(record(1, 46, directory, b"bye"));
        let ends = find(&bytes);
        assert_eq!(ends.len(), 1);
        assert_eq!((ends[0].at, ends[0].shift), (at, 0));
        assert!(ends[0].problems.is_empty());
    }

    #[test]
    fn a_record_within_a_comment_is_found_too() {
        let mut bytes = CENTRAL.to_vec();
        bytes.extend([0; 42]);
        let inner = record(1, 46, 0, b"");
        let mut comment = CENTRAL.to_vec();
        comment.extend([0; 42]);
        comment.extend(inner);
        bytes.extend(record(1, 46, 0, &comment));
        let ends = find(&bytes);
        assert_eq!(ends.len(), 2);
        assert!(ends[0].at < ends[1].at);
    }

    #[test]
    fn no_record_is_found_in_garbage() {
        assert_eq!(find(b""), []);
        assert_eq!(find(b"PK\x05\x06"), []);
        assert_eq!(find(&b"P".repeat(100_000)), []);
    }
}
