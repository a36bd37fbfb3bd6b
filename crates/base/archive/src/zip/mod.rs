//! zip, read as every tool reads it: by each end record, by the central directory, and by the local headers.
//!
//! The `zip` crate shows one reading of an archive, the one a well-behaved tool takes. Attacks live in the others,
//! so the structure is parsed here (APPNOTE.TXT 6.3.10) and only the decompressors are borrowed.

mod arrays;
mod data;
mod directory;
mod end;
mod fields;
mod gaps;
mod local;
mod names;
mod read;

pub(crate) use arrays::only_arrays;
pub(crate) use end::{ends, holds_end};
pub(crate) use read::read;

/// The first four bytes of a structure.
type Signature = [u8; 4];

/// Signature of a local header.
const LOCAL: Signature = *b"PK\x03\x04";
/// Signature of a central directory entry.
const CENTRAL: Signature = *b"PK\x01\x02";
/// Signature of the end record.
const END: Signature = *b"PK\x05\x06";
/// Signature of the zip64 end record.
const END64: Signature = *b"PK\x06\x06";
/// Signature of the locator of the zip64 end record.
const LOCATOR64: Signature = *b"PK\x06\x07";
/// Signature of a data descriptor, and of an archive that was meant to be split.
const DESCRIPTOR: Signature = *b"PK\x07\x08";

/// True if the bytes begin as a zip does.
pub(crate) fn starts(bytes: &[u8]) -> bool {
    let bytes = bytes
        .strip_prefix(&DESCRIPTOR)
        .or_else(|| bytes.strip_prefix(b"PK00"))
        .unwrap_or(bytes);
    bytes.starts_with(&LOCAL) || (bytes.starts_with(&END) && bytes.len() >= 22)
}
