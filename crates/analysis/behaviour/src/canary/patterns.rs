//! Many patterns at once, none of them short: of many bytes in a row four are looked at.
//!
//! A file that was written and a request that is sent are searched for some hundred patterns; an automaton over them
//! took longer to build than most runs take to be searched. Each pattern has a number of blocks, so that of the blocks
//! of a text that stand that far apart one belongs to it, wherever it stands. Which blocks are looked at depends on
//! nothing that was found before, so that the processor looks at several at a time.

/// Bytes of each pattern that decide which it may be, as many as the shortest has. Shorter ones are not taken: they could
/// stand anywhere.
pub(super) const MIN_PATTERN: usize = 19;
/// Bytes of a pattern that are kept: its end, because the beginning of a token is what all of its kind begin with.
const MAX_PATTERN: usize = 32;
/// Bytes that are looked at together.
const BLOCK: usize = 4;
/// From one block that is looked at to the next: the number of blocks in the first bytes of a pattern.
const STRIDE: usize = MIN_PATTERN - BLOCK + 1;
/// Bytes that are read for a block, which may be made of more than its own.
const READ: usize = 8;
/// Bits of the sieve for each block of a pattern: so many that few other blocks fall on one by chance, so few that all of
/// them stay at hand.
const SIEVE: usize = 64;

/// Patterns and what each of them means.
pub(super) struct Patterns<M> {
    /// A bit for each block that is in the first bytes of a pattern.
    sieve: Vec<u64>,
    /// Bits of a product that are not in the place of a block in the sieve.
    shift: u32,
    /// The number of the block that a pattern begins with, and the pattern; sorted.
    entries: Vec<(u32, Vec<u8>, M)>,
}

impl<M> Patterns<M> {
    /// For these, of which the first of several same ones counts.
    pub(super) fn new(wanted: impl IntoIterator<Item = (Vec<u8>, M)>) -> Self {
        let mut taken: Vec<(Vec<u8>, M)> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for (mut bytes, meaning) in wanted {
            bytes.drain(..bytes.len().saturating_sub(MAX_PATTERN));
            if bytes.len() >= MIN_PATTERN && known.insert(bytes.clone()) {
                taken.push((bytes, meaning));
            }
        }
        let bits = (taken.len() * STRIDE * SIEVE).next_power_of_two().max(64);
        let mut all = Self {
            sieve: vec![0; bits / 64],
            shift: u32::BITS - bits.ilog2(),
            entries: Vec::new(),
        };
        for (bytes, meaning) in taken {
            let first = bytes.get(..MIN_PATTERN).unwrap_or(&[]);
            let blocks = first.windows(BLOCK).filter_map(<[u8]>::first_chunk);
            let mut begin = None;
            for block in blocks {
                let number = all.number(u32::from_le_bytes(*block));
                all.sieve[number as usize / 64] |= 1 << (number % 64);
                begin.get_or_insert(number);
            }
            all.entries.push((begin.unwrap_or(0), bytes, meaning));
        }
        // for the same block, the order in which they came
        all.entries.sort_by_key(|(begin, ..)| *begin);
        all
    }

    /// What every pattern means that stands somewhere in the bytes, with where it ends.
    pub(super) fn found(&self, bytes: &[u8]) -> Vec<(usize, &M)> {
        self.found_by(bytes, |eight| eight as u32, <[u8]>::starts_with)
    }

    /// The same for patterns of what each byte is against the one before it, which is not written down for that. An end
    /// counts the bytes that the last one was set against.
    pub(super) fn found_in_differences(&self, bytes: &[u8]) -> Vec<(usize, &M)> {
        let is_here = |here: &[u8], pattern: &[u8]| {
            let after = here.get(1..).unwrap_or(&[]);
            let pairs = here.iter().zip(after).zip(pattern);
            after.len() >= pattern.len() && pairs.into_iter().all(|((a, b), d)| a ^ b == *d)
        };
        self.found_by(bytes, |eight| (eight ^ eight >> 8) as u32, is_here)
    }

    /// `block` makes the block that begins where eight bytes do; `is_here` tells if bytes begin with a pattern.
    #[inline]
    fn found_by(
        &self,
        bytes: &[u8],
        block: impl Fn(u64) -> u32,
        is_here: impl Fn(&[u8], &[u8]) -> bool,
    ) -> Vec<(usize, &M)> {
        let mut found = Vec::new();
        // where a pattern may begin that no block told of
        let mut from = 0;
        let mut at = STRIDE - 1;
        let read = |at: usize| Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk::<READ>()?));
        let may_be = |eight| self.may_be(self.number(block(eight)));
        // a block of a pattern has another one of it beside it, before or after, which one by chance seldom has
        let is_alone = |at: usize| {
            let beside = [at.checked_sub(BLOCK), at.checked_add(BLOCK)];
            !beside.into_iter().flatten().filter_map(read).any(may_be)
        };
        while let Some(eight) = read(at) {
            if may_be(eight) && !is_alone(at) {
                self.begin(bytes, from..at + 1, (&block, &is_here), &mut found);
            }
            from = at + 1;
            at += STRIDE;
        }
        self.begin(bytes, from..bytes.len(), (&block, &is_here), &mut found);
        found
    }

    /// Looks for patterns that begin at each of these places.
    #[cold]
    fn begin<'p>(
        &'p self,
        bytes: &[u8],
        places: std::ops::Range<usize>,
        (block, is_here): (&impl Fn(u64) -> u32, &impl Fn(&[u8], &[u8]) -> bool),
        found: &mut Vec<(usize, &'p M)>,
    ) {
        for at in places {
            let here = bytes.get(at..).unwrap_or(&[]);
            let Some(eight) = here.first_chunk::<READ>() else {
                return;
            };
            let begin = self.number(block(u64::from_le_bytes(*eight)));
            if !self.may_be(begin) {
                continue;
            }
            let first = self.entries.partition_point(|(own, ..)| *own < begin);
            found.extend(
                self.entries[first..]
                    .iter()
                    .take_while(|(own, ..)| *own == begin)
                    .filter(|(_, pattern, _)| is_here(here, pattern))
                    .map(|(_, pattern, meaning)| (at + pattern.len(), meaning)),
            );
        }
    }

    /// False for a block that is in no pattern.
    fn may_be(&self, number: u32) -> bool {
        let word = self.sieve.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// The place of a block in the sieve.
    const fn number(&self, block: u32) -> u32 {
        block.wrapping_mul(0x9e37_79b1) >> self.shift
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            patterns in proptest::collection::vec(proptest::collection::vec(0..3_u8, 19..40), 1..6),
            bytes in proptest::collection::vec(0..3_u8, 0..400),
            at in 0..400_usize,
        ) {
            // one of them does stand there
            let at = at.min(bytes.len());
            let bytes = [&bytes[..at], &patterns[0], &bytes[at..]].concat();
            let finder = Patterns::new(patterns.iter().cloned().enumerate().map(|(n, p)| (p, n)));
            let mut expected = Vec::new();
            for (_, pattern, number) in &finder.entries {
                for at in 0..bytes.len() {
                    if bytes[at..].starts_with(pattern) {
                        expected.push((at + pattern.len(), number));
                    }
                }
            }
            let mut found = finder.found(&bytes);
            expected.sort();
            found.sort();
            prop_assert!(!found.is_empty());
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn finds_in_differences_what_it_finds_in_them_written_down(
            bytes in proptest::collection::vec(0..2_u8, 0..3000),
            pattern in proptest::collection::vec(0..2_u8, 19..21),
        ) {
            let mut differences = Vec::new();
            super::super::encode::differences(&bytes, &mut differences);
            let finder = Patterns::new([(pattern, ())]);
            prop_assert_eq!(finder.found_in_differences(&bytes), finder.found(&differences));
        }
    }
}
