//! One 512-byte header block.

/// Bytes of a block.
pub(crate) const BLOCK: usize = 512;

/// True if the bytes begin with a tar header: its checksum holds.
pub(crate) fn is_header(bytes: &[u8]) -> bool {
    bytes
        .first_chunk::<BLOCK>()
        .is_some_and(|b| Header(b).checksum_holds())
}

/// A header block, read where it stands.
#[derive(Clone, Copy)]
pub(super) struct Header<'a>(pub(super) &'a [u8; BLOCK]);

impl<'a> Header<'a> {
    fn field(self, at: usize, length: usize) -> &'a [u8] {
        self.0.get(at..at + length).unwrap_or_default()
    }

    /// The checksum over the block with its own field as blanks; old tools summed signed bytes.
    pub(super) fn checksum_holds(self) -> bool {
        let Some(stated) = number(self.field(148, 8)) else {
            return false;
        };
        if stated == 0 {
            return false;
        }
        let (mut unsigned, mut signed) = (0_u64, 0_i64);
        for (i, byte) in self.0.iter().enumerate() {
            let byte = if (148..156).contains(&i) { b' ' } else { *byte };
            unsigned += u64::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        stated == unsigned || i64::try_from(stated) == Ok(signed)
    }

    pub(super) fn is_ustar(self) -> bool {
        self.field(257, 5) == b"ustar"
    }

    fn is_gnu(self) -> bool {
        self.field(257, 8) == b"ustar  \0"
    }

    /// The name, with the prefix that ustar puts before it.
    pub(super) fn name(self) -> Vec<u8> {
        let name = until_nul(self.field(0, 100));
        if !self.is_ustar() || self.is_gnu() {
            return name.to_vec();
        }
        // Jörg Schilling's star keeps times in the last bytes of the prefix.
        let prefix_bytes = if self.field(508, 4) == b"tar\0" {
            131
        } else {
            155
        };
        let prefix = until_nul(self.field(345, prefix_bytes));
        if prefix.is_empty() {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }

    pub(super) fn link(self) -> &'a [u8] {
        until_nul(self.field(157, 100))
    }

    pub(super) fn mode(self) -> u64 {
        number(self.field(100, 8)).unwrap_or(0)
    }

    /// None if the field is no number.
    pub(super) fn size(self) -> Option<u64> {
        number(self.field(124, 12))
    }

    pub(super) fn kind(self) -> u8 {
        self.0[156]
    }

    /// The first four entries of an old GNU sparse map, whether more follow, and the real size.
    pub(super) fn gnu_sparse(self) -> (&'a [u8], bool, Option<u64>) {
        let more = self.field(482, 1) != [0];
        (self.field(386, 96), more, number(self.field(483, 12)))
    }
}

/// The bytes before the first NUL.
pub(super) fn until_nul(bytes: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or_default()
}

/// A numeric field: octal digits between blanks and NULs, or base 256 with the top bit set (GNU).
pub(super) fn number(field: &[u8]) -> Option<u64> {
    let (first, rest) = field.split_first()?;
    if *first == 0x80 {
        let (high, low) = rest.split_at(rest.len().saturating_sub(8));
        if high.iter().any(|b| *b != 0) {
            return Some(u64::MAX);
        }
        return Some(low.iter().fold(0, |n, b| n << 8 | u64::from(*b)));
    }
    let text = until_nul(field).trim_ascii();
    let mut value = 0_u64;
    for digit in text {
        if !(b'0'..=b'7').contains(digit) {
            return None;
        }
        value = value.checked_mul(8)?.checked_add(u64::from(digit - b'0'))?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_every_spelling() {
        let cases: [(&[u8], Option<u64>); 9] = [
            (b"0000644\0", Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"", None),
            (b"\0\0\0\0", Some(0)),
            (b"12x4\0", None),
            (b"\x80\0\0\0\0\0\0\0\0\0\x01\0", Some(256)),
            (b"\x80\x01\0\0\0\0\0\0\0\0\0\0", Some(u64::MAX)),
            (b"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", None),
            (b"777777777777", Some(0o777_777_777_777)),
        ];
        for (field, value) in cases {
            assert_eq!(number(field), value, "{field:?}");
        }
    }

    #[test]
    fn zeros_and_short_blocks_are_no_headers() {
        assert!(!is_header(&[0; BLOCK]));
        assert!(!is_header(b"short"));
        assert!(!is_header(&[b'7'; BLOCK]));
    }
}
