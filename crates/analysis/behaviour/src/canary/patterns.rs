//! Many patterns at once, none of them short: most bytes are never looked at (Wu and Manber, 1994).
//!
//! A file that was written and a request that is sent are searched for some hundred patterns; an automaton over them
//! took longer to build than most runs take to be searched.

/// Bytes of each pattern that decide how far to go on. Shorter patterns are not taken: they could stand anywhere.
pub(super) const MIN_PATTERN: usize = 16;
/// Bytes of a pattern that are kept: its end, because the beginning of a token is what all of its kind begin with.
const MAX_PATTERN: usize = 32;
/// Bytes that are looked at together.
const BLOCK: usize = 3;
/// Places of the table of steps.
const PLACES: usize = 1 << 15;

/// Patterns and what each of them means.
pub(super) struct Patterns<M> {
    /// How far to go on after the block with this number; 0 where a pattern may end its first part.
    steps: Vec<u8>,
    /// The number of the block that ends the first part, and the pattern; sorted.
    patterns: Vec<(usize, Vec<u8>, M)>,
}

impl<M> Patterns<M> {
    /// For these, of which the first of several same ones counts.
    pub(super) fn new(wanted: impl IntoIterator<Item = (Vec<u8>, M)>) -> Self {
        let mut steps = vec![(MIN_PATTERN - BLOCK + 1) as u8; PLACES];
        let mut patterns: Vec<(usize, Vec<u8>, M)> = Vec::new();
        let mut known = std::collections::HashSet::new();
        for (mut bytes, meaning) in wanted {
            bytes.drain(..bytes.len().saturating_sub(MAX_PATTERN));
            let Some(first) = bytes.get(..MIN_PATTERN) else {
                continue;
            };
            if !known.insert(bytes.clone()) {
                continue;
            }
            for (at, three) in first.windows(BLOCK).enumerate() {
                let step = &mut steps[block(three)];
                *step = (*step).min((MIN_PATTERN - BLOCK - at) as u8);
            }
            let last = block(&first[MIN_PATTERN - BLOCK..]);
            patterns.push((last, bytes, meaning));
        }
        // for the same block, the order in which they came
        patterns.sort_by_key(|(last, ..)| *last);
        Self { steps, patterns }
    }

    /// What every pattern means that stands somewhere in the bytes, with where it ends.
    pub(super) fn found(&self, bytes: &[u8]) -> Vec<(usize, &M)> {
        self.found_by(bytes, 0, |four| four >> 8, <[u8]>::starts_with)
    }

    /// The same for patterns of what each byte is against the one before it, which is not written down for that. An end
    /// counts the bytes that the last one was set against.
    pub(super) fn found_in_differences(&self, bytes: &[u8]) -> Vec<(usize, &M)> {
        let is_here = |here: &[u8], pattern: &[u8]| {
            let after = here.get(1..).unwrap_or(&[]);
            let pairs = here.iter().zip(after).zip(pattern);
            after.len() >= pattern.len() && pairs.into_iter().all(|((a, b), d)| a ^ b == *d)
        };
        self.found_by(bytes, 1, |four| (four ^ four >> 8) & 0x00ff_ffff, is_here)
    }

    /// `block` makes the block that ends at a place of the four bytes that end `ahead` of it; `is_here` tells if bytes
    /// begin with a pattern.
    #[inline]
    fn found_by(
        &self,
        bytes: &[u8],
        ahead: usize,
        block: impl Fn(u32) -> u32,
        is_here: impl Fn(&[u8], &[u8]) -> bool,
    ) -> Vec<(usize, &M)> {
        let mut found = Vec::new();
        let mut end = MIN_PATTERN;
        while let Some(four) = bytes
            .get(end + ahead - 4..)
            .and_then(<[u8]>::first_chunk::<4>)
        {
            let block = number(block(u32::from_le_bytes(*four)));
            let step = self.steps[block];
            if step > 0 {
                end += usize::from(step);
                continue;
            }
            let from = self.patterns.partition_point(|(last, ..)| *last < block);
            let at = end - MIN_PATTERN;
            let here = bytes.get(at..).unwrap_or(&[]);
            found.extend(
                self.patterns[from..]
                    .iter()
                    .take_while(|(last, ..)| *last == block)
                    .filter(|(_, pattern, _)| is_here(here, pattern))
                    .map(|(_, pattern, meaning)| (at + pattern.len(), meaning)),
            );
            end += 1;
        }
        found
    }
}

/// The place of a block's three bytes in the table.
const fn number(block: u32) -> usize {
    (block.wrapping_mul(0x9e37_79b1) >> (u32::BITS - PLACES.ilog2())) as usize
}

/// The block that begins with the first of three bytes.
fn block(bytes: &[u8]) -> usize {
    let [a, b, c] = [0, 1, 2].map(|at| bytes.get(at).copied().unwrap_or(0));
    number(u32::from_le_bytes([a, b, c, 0]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_search_finds(
            patterns in proptest::collection::vec(proptest::collection::vec(0..3_u8, 16..40), 1..6),
            bytes in proptest::collection::vec(0..3_u8, 0..400),
            at in 0..400_usize,
        ) {
            // one of them does stand there
            let at = at.min(bytes.len());
            let bytes = [&bytes[..at], &patterns[0], &bytes[at..]].concat();
            let finder = Patterns::new(patterns.iter().cloned().enumerate().map(|(n, p)| (p, n)));
            let mut expected = Vec::new();
            for (_, pattern, number) in &finder.patterns {
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
            pattern in proptest::collection::vec(0..2_u8, 16..18),
        ) {
            let mut differences = Vec::new();
            super::super::encode::differences(&bytes, &mut differences);
            let finder = Patterns::new([(pattern, ())]);
            prop_assert_eq!(finder.found_in_differences(&bytes), finder.found(&differences));
        }
    }
}
