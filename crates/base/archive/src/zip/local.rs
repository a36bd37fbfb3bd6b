//! Local headers: what stands before each member's data, and what follows it.

use super::fields::{Fields, zip64};
use super::names::decode;
use super::{DESCRIPTOR, LOCAL};

/// Bytes of a local header without its variable part.
const LENGTH: usize = 30;
/// The flag that says that sizes and checksum follow the data.
pub(super) const DESCRIPTOR_FLAG: u16 = 1 << 3;
/// The flag that says that names and sizes are hidden by encryption.
pub(super) const MASKED_FLAG: u16 = 1 << 13;

/// One local header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Local {
    pub(super) raw: Box<[u8]>,
    pub(super) text: String,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    pub(super) packed: u64,
    pub(super) unpacked: u64,
    /// Where the data begins.
    pub(super) data: usize,
    pub(super) contradict: bool,
}

impl Local {
    pub(super) fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let record = Fields::at(bytes, at, LOCAL)?;
        let (name_length, extra_length) = (record.u16(26)?, record.u16(28)?);
        let raw = record.bytes(LENGTH, name_length)?;
        let extra_at = LENGTH + usize::from(name_length);
        let extra = record.bytes(extra_at, extra_length)?;
        let sizes = zip64(record.u32(22)?, record.u32(18)?, None, extra);
        let flags = record.u16(6)?;
        Some(Self {
            raw: raw.into(),
            text: decode(raw, flags),
            flags,
            method: record.u16(8)?,
            crc: record.u32(14)?,
            packed: sizes.packed,
            unpacked: sizes.unpacked,
            data: at + extra_at + usize::from(extra_length),
            contradict: sizes.contradict,
        })
    }

    /// True if sizes and checksum follow the data instead of standing here.
    pub(super) fn defers(&self) -> bool {
        self.flags & DESCRIPTOR_FLAG != 0
    }
}

/// The bytes of the data descriptor at `at`, if one is there: with or without signature, 32 or 64 bits wide.
pub(super) fn descriptor(bytes: &[u8], at: usize, crc: u32, packed: u64, unpacked: u64) -> usize {
    let Some(rest) = bytes.get(at..) else {
        return 0;
    };
    let signature = if rest.starts_with(&DESCRIPTOR) { 4 } else { 0 };
    let fields = Fields(rest.get(signature..).unwrap_or_default());
    if fields.u32(0) != Some(crc) {
        // A signature without the expected checksum still belongs to the member, and is judged by it.
        return 0;
    }
    if fields.u64(4) == Some(packed) && fields.u64(12) == Some(unpacked) {
        signature + 20
    } else if fields.u32(4).map(u64::from) == Some(packed)
        && fields.u32(8).map(u64::from) == Some(unpacked)
    {
        signature + 12
    } else {
        0
    }
}
