//! Exact look-up of derived forms of names: a sorted table of hashes, built faster than a map and searched in nanoseconds.

/// From the hash of a form to the names that have it, in the list's order.
#[derive(Debug, Default)]
pub(crate) struct Lookup(Vec<(u64, u32)>);

impl Lookup {
    pub(crate) fn new(forms: impl Iterator<Item = (u32, impl AsRef<str>)>) -> Self {
        let mut table: Vec<(u64, u32)> = forms.map(|(i, form)| (hash(form.as_ref()), i)).collect();
        table.sort_unstable();
        Self(table)
    }

    /// The names with this form, the most popular first.
    pub(crate) fn find(&self, form: &str) -> impl Iterator<Item = u32> {
        let wanted = hash(form);
        let start = self.0.partition_point(|(h, _)| *h < wanted);
        self.0
            .iter()
            .skip(start)
            .take_while(move |(h, _)| *h == wanted)
            .map(|(_, index)| *index)
    }
}

/// How often each form occurs.
#[derive(Debug, Default)]
pub(crate) struct Counts(Vec<(u64, u32)>);

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
        Self(counts)
    }

    pub(crate) fn of(&self, form: &str) -> u32 {
        let wanted = hash(form);
        self.0
            .binary_search_by_key(&wanted, |(h, _)| *h)
            .ok()
            .and_then(|at| self.0.get(at))
            .map_or(0, |(_, count)| *count)
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
