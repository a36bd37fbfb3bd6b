//! Little-endian fields at fixed offsets.

use super::Signature;

/// A record of which every field may be missing.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    /// The record at an offset, if it begins with this signature.
    pub(super) fn at(bytes: &'a [u8], offset: usize, signature: Signature) -> Option<Self> {
        let record = bytes.get(offset..)?;
        record.starts_with(&signature).then_some(Self(record))
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        let (field, _) = self.0.get(at..)?.split_first_chunk()?;
        Some(u16::from_le_bytes(*field))
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        let (field, _) = self.0.get(at..)?.split_first_chunk()?;
        Some(u32::from_le_bytes(*field))
    }

    pub(super) fn u64(self, at: usize) -> Option<u64> {
        let (field, _) = self.0.get(at..)?.split_first_chunk()?;
        Some(u64::from_le_bytes(*field))
    }

    pub(super) fn bytes(self, at: usize, length: u16) -> Option<&'a [u8]> {
        self.0.get(at..at.checked_add(usize::from(length))?)
    }
}

/// The extra fields of a header: id and content.
pub(super) fn extras(bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let fields = Fields(rest);
        let (id, length) = (fields.u16(0)?, fields.u16(2)?);
        let content = fields.bytes(4, length)?;
        rest = rest.get(4 + content.len()..)?;
        Some((id, content))
    })
}

/// Sizes and offset that may stand in the zip64 extra field instead of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    pub(super) unpacked: u64,
    pub(super) packed: u64,
    pub(super) offset: u64,
    /// The zip64 field repeats a size that needed no zip64, with another value.
    pub(super) contradict: bool,
}

/// Reads the zip64 extra field over 32-bit values. Local headers have no offset.
pub(super) fn zip64(unpacked: u32, packed: u32, offset: Option<u32>, extra: &[u8]) -> Sizes {
    let mut sizes = Sizes {
        unpacked: unpacked.into(),
        packed: packed.into(),
        offset: offset.unwrap_or_default().into(),
        contradict: false,
    };
    let Some((_, content)) = extras(extra).find(|(id, _)| *id == 1) else {
        return sizes;
    };
    let fields = Fields(content);
    let mut at = 0;
    let mut next = |narrow: u32, wide: &mut u64| {
        if narrow == u32::MAX
            && let Some(value) = fields.u64(at)
        {
            *wide = value;
            at += 8;
        }
    };
    next(unpacked, &mut sizes.unpacked);
    next(packed, &mut sizes.packed);
    if let Some(offset) = offset {
        next(offset, &mut sizes.offset);
    }
    if unpacked != u32::MAX
        && packed != u32::MAX
        && content.len() >= 16
        && (fields.u64(0), fields.u64(8)) != (Some(unpacked.into()), Some(packed.into()))
        && (fields.u64(0), fields.u64(8)) != (Some(0), Some(0))
    {
        sizes.contradict = true;
    }
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zip64_values_replace_only_the_fields_that_overflowed() {
        let mut extra = vec![9, 0, 1, 0, 7, 1, 0, 16, 0];
        extra.extend(5_u64.to_le_bytes());
        extra.extend(6_u64.to_le_bytes());
        let sizes = zip64(u32::MAX, 3, Some(u32::MAX), &extra);
        assert_eq!((sizes.unpacked, sizes.packed, sizes.offset), (5, 3, 6));
        assert!(!sizes.contradict);
        assert!(zip64(5, 7, None, &extra).contradict);
        assert!(!zip64(5, 6, None, &extra).contradict);
    }

    #[test]
    fn extras_stop_at_the_first_that_does_not_fit() {
        let bytes = [1, 0, 1, 0, 42, 2, 0, 9, 0, 1];
        assert_eq!(extras(&bytes).collect::<Vec<_>>(), [(1, &[42][..])]);
        assert_eq!(extras(&[]).count(), 0);
    }
}
