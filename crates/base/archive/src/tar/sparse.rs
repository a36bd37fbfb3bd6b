//! Sparse files: a map of pieces between holes, in its four historical spellings.

use super::extension::decimal;
use super::header::number;

/// Pieces that a map may have: real files have few, and each costs a copy.
const MAX_PIECES: usize = 100_000;

/// Where the stored pieces of a file belong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sparse {
    /// The size with its holes.
    pub(super) size: u64,
    /// Offset and length of each piece, in stored order.
    pub(super) pieces: Vec<(u64, u64)>,
    /// PAX 1.0: the map stands before the data and is still to be read.
    pub(super) map_in_data: bool,
}

impl Sparse {
    /// From numbers: offset, length, offset, length.
    pub(super) fn from_numbers(size: u64, numbers: &[u64]) -> Self {
        let (pairs, _) = numbers.as_chunks::<2>();
        Self {
            size,
            pieces: pairs
                .iter()
                .take(MAX_PIECES)
                .map(|[a, b]| (*a, *b))
                .collect(),
            map_in_data: false,
        }
    }

    /// Adds entries of an old GNU map: pairs of 12-byte numbers. False once the map is at its end or too long.
    pub(super) fn add_gnu_entries(&mut self, bytes: &[u8]) -> bool {
        for entry in bytes.as_chunks::<24>().0 {
            let (offset, length) = entry.split_at(12);
            let (Some(offset), Some(length)) = (number(offset), number(length)) else {
                return false;
            };
            if entry.iter().all(|b| *b == 0) || self.pieces.len() >= MAX_PIECES {
                return false;
            }
            self.pieces.push((offset, length));
        }
        true
    }

    /// Takes the map of PAX 1.0 off the data: decimal lines, padded to a block. None if it is malformed.
    pub(super) fn take_map<'a>(&mut self, data: &'a [u8]) -> Option<&'a [u8]> {
        let mut at = 0;
        let mut line = || {
            let rest = data.get(at..)?;
            // No number has more digits than this.
            let end = memchr::memchr(b'\n', rest.get(..rest.len().min(24))?)?;
            at += end + 1;
            decimal(rest.get(..end)?)
        };
        let count = usize::try_from(line()?).ok().filter(|n| *n <= MAX_PIECES)?;
        let mut pieces = Vec::new();
        for _ in 0..count {
            pieces.push((line()?, line()?));
        }
        self.pieces = pieces;
        data.get(at.next_multiple_of(super::BLOCK)..)
    }

    /// The file with its holes filled with zeros. None if the map does not fit the size.
    pub(super) fn expand(&self, stored: &[u8]) -> Option<Vec<u8>> {
        let mut file = vec![0; usize::try_from(self.size).ok()?];
        let mut rest = stored;
        for (offset, length) in &self.pieces {
            let offset = usize::try_from(*offset).ok()?;
            let length = usize::try_from(*length).ok()?;
            let into = file.get_mut(offset..offset.checked_add(length)?)?;
            let n = into.len().min(rest.len());
            let (piece, after) = rest.split_at(n);
            into.get_mut(..n)?.copy_from_slice(piece);
            rest = after;
        }
        Some(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_land_between_holes() {
        let sparse = Sparse::from_numbers(8, &[1, 2, 5, 1]);
        assert_eq!(
            sparse.expand(b"abc").as_deref(),
            Some(&b"\0ab\0\0c\0\0"[..])
        );
    }

    #[test]
    fn a_map_outside_its_file_is_refused() {
        for numbers in [[7, 2], [u64::MAX, 1], [1, u64::MAX]] {
            assert_eq!(Sparse::from_numbers(8, &numbers).expand(b"ab"), None);
        }
    }

    #[test]
    fn the_map_before_the_data_is_read() {
        let mut data = b"1\n3\n2\n".to_vec();
        data.resize(512, 0);
        data.extend(b"xy");
        let mut sparse = Sparse {
            size: 6,
            ..Sparse::default()
        };
        let rest = sparse.take_map(&data).unwrap();
        assert_eq!(sparse.expand(rest).unwrap(), b"\0\0\0xy\0");
        assert_eq!(sparse.take_map(b"nonsense"), None);
        assert_eq!(sparse.take_map(b"5\n1\n"), None);
    }
}
