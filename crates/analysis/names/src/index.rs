//! Exact look-up of derived forms of names: sorted tables of hashes, searched in nanoseconds where they lie. The built-in
//! lists are indexed when this crate is built, so a program that asks about one name reads a few pages of its own file.

use std::borrow::Cow;

/// Sorted pairs of a number and an index, 12 bytes each, little-endian.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pairs(Cow<'static, [u8]>);

const PAIR: usize = 12;

impl Pairs {
    pub(crate) fn new(pairs: impl IntoIterator<Item = (u64, u32)>) -> Self {
        let mut bytes = Vec::new();
        for (number, index) in pairs {
            bytes.extend_from_slice(&number.to_le_bytes());
            bytes.extend_from_slice(&index.to_le_bytes());
        }
        Self(Cow::Owned(bytes))
    }

    pub(crate) const fn packed(bytes: &'static [u8]) -> Self {
        Self(Cow::Borrowed(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The pairs from `start` up to `end`, as far as they exist.
    pub(crate) fn range(&self, start: usize, end: usize) -> impl Iterator<Item = (u64, u32)> {
        let (all, _) = self.0.as_chunks::<PAIR>();
        all.get(start..end.min(all.len()))
            .unwrap_or_default()
            .iter()
            .map(pair)
    }

    /// Every pair whose number is `wanted`.
    fn all(&self, wanted: u64) -> impl Iterator<Item = u32> {
        let (all, _) = self.0.as_chunks::<PAIR>();
        let start = all.partition_point(|bytes| pair(bytes).0 < wanted);
        self.range(start, usize::MAX)
            .take_while(move |(number, _)| *number == wanted)
            .map(|(_, index)| index)
    }
}

fn pair(bytes: &[u8; PAIR]) -> (u64, u32) {
    let (number, index) = bytes.split_at(8);
    (
        number.try_into().map_or(0, u64::from_le_bytes),
        index.try_into().map_or(0, u32::from_le_bytes),
    )
}

/// From the hash of a form to the names that have it, in the list's order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup(pub(crate) Pairs);

impl Lookup {
    pub(crate) fn new(forms: impl Iterator<Item = (u32, impl AsRef<str>)>) -> Self {
        let mut table: Vec<(u64, u32)> = forms.map(|(i, form)| (hash(form.as_ref()), i)).collect();
        table.sort_unstable();
        Self(Pairs::new(table))
    }

    /// The names with this form, the most popular first.
    pub(crate) fn find(&self, form: &str) -> impl Iterator<Item = u32> {
        self.0.all(hash(form))
    }
}

/// How often each form occurs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts(pub(crate) Pairs);

impl Counts {
    pub(crate) fn new(forms: impl Iterator<Item = impl AsRef<str>>) -> Self {
        let mut hashes: Vec<u64> = forms.map(|form| hash(form.as_ref())).collect();
        hashes.sort_unstable();
        let mut counts: Vec<(u64, u32)> = Vec::new();
        for hash in hashes {
            match counts.last_mut() {
                Some((last, count)) if *last == hash => *count += 1,
                _ => counts.push((hash, 1)),
            }
        }
        Self(Pairs::new(counts))
    }

    pub(crate) fn of(&self, form: &str) -> u32 {
        self.0.all(hash(form)).next().unwrap_or(0)
    }
}

/// FNV-1a with 64 bits: fast on short texts, and the same in every run.
fn hash(form: &str) -> u64 {
    form.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Which letters and digits occur in a name: one bit each, the others share one.
pub(crate) fn letters(squashed: &str) -> u64 {
    squashed.bytes().fold(0, |mask, b| {
        mask | match b {
            b'a'..=b'z' => 1 << (b - b'a'),
            b'0'..=b'9' => 1 << (26 + b - b'0'),
            _ => 1 << 36,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_name_with_a_form_in_order() {
        let forms = ["a", "b", "a", "c", "a"];
        let lookup = Lookup::new((0..).zip(forms));
        let find = |form| lookup.find(form).collect::<Vec<_>>();
        assert_eq!(find("a"), [0, 2, 4]);
        assert_eq!(find("c"), [3]);
        assert!(find("d").is_empty());
        assert_eq!(Lookup::default().find("a").count(), 0);
    }

    #[test]
    fn counts_forms() {
        let counts = Counts::new(["x", "y", "x"].into_iter());
        assert_eq!(["x", "y", "z"].map(|form| counts.of(form)), [2, 1, 0]);
    }
}
