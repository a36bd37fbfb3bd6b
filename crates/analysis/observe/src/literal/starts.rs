//! Many strings searched for in little text: made in no time, where an automaton takes longer than a small package.

/// The numbers of three bytes without case.
const PLACES: usize = 1 << 15;

/// A list of strings.
pub(super) type List = &'static [&'static str];

/// A search for any of some strings, each of at least three bytes. Most places of a text are passed by one look at three
/// bytes, of which one bit tells whether any string begins with them.
pub(super) struct Starts {
    begins: [u64; PLACES / 64],
    /// The strings with their numbers, by their first three bytes.
    strings: Vec<(u16, u16, &'static str)>,
}

impl Starts {
    /// A search for the strings of all the lists, numbered through.
    pub(super) fn new(lists: &[List]) -> Self {
        let mut begins = [0; PLACES / 64];
        let mut strings: Vec<_> = lists
            .iter()
            .copied()
            .flatten()
            .enumerate()
            .map(|(number, string)| (place(string.as_bytes()), number as u16, *string))
            .collect();
        strings.sort_unstable();
        for (place, ..) in &strings {
            if let Some(word) = begins.get_mut(usize::from(*place) / 64) {
                *word |= 1 << (place % 64);
            }
        }
        Self { begins, strings }
    }

    /// Where the strings stand in a text, whatever its case, by where they begin: number, begin and end. They may overlap.
    pub(super) fn find(&self, text: &str) -> impl Iterator<Item = (usize, usize, usize)> {
        let bytes = text.as_bytes();
        let windows = bytes.windows(3).enumerate();
        windows.flat_map(move |(at, three)| {
            let place = place(three);
            let word = self.begins.get(usize::from(place) / 64).copied();
            let strings = match word.unwrap_or(0) >> (place % 64) & 1 {
                0 => &[],
                _ => self.beginning_with(place),
            };
            let rest = bytes.get(at..).unwrap_or(&[]);
            strings.iter().filter_map(move |(_, number, string)| {
                let here = rest.get(..string.len())?;
                let is_it = here.eq_ignore_ascii_case(string.as_bytes());
                is_it.then_some((usize::from(*number), at, at + string.len()))
            })
        })
    }

    fn beginning_with(&self, place: u16) -> &[(u16, u16, &'static str)] {
        let from = self.strings.partition_point(|(p, ..)| *p < place);
        let rest = self.strings.get(from..).unwrap_or(&[]);
        let many = rest.iter().take_while(|(p, ..)| *p == place).count();
        rest.get(..many).unwrap_or(&[])
    }
}

/// The number of the first three bytes, the same for either case.
fn place(bytes: &[u8]) -> u16 {
    let three = bytes.iter().take(3);
    three.fold(0, |place, byte| place << 5 | u16::from(byte & 31))
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;

    use super::*;

    const STRINGS: &[List] = &[&[".ssh", "SSH-", "abc"], &["abcab", "(?:", "x y"]];

    #[test]
    fn an_automaton_finds_the_same() {
        let all: Vec<&str> = STRINGS.iter().copied().flatten().copied().collect();
        let mut automaton = AhoCorasick::builder();
        let automaton = automaton.ascii_case_insensitive(true).build(&all);
        let automaton = automaton.expect("an automaton");
        let starts = Starts::new(STRINGS);
        for text in ["", "ab", "ABCabcab", "~/.SsH-(?:ä)X yx y", "nothing of it"] {
            let mut found: Vec<_> = starts.find(text).collect();
            let hits = automaton.find_overlapping_iter(text);
            let mut expected: Vec<_> = hits
                .map(|h| (h.pattern().as_usize(), h.start(), h.end()))
                .collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_string_at_either_end_is_found() {
        let starts = Starts::new(STRINGS);
        let found: Vec<_> = starts.find(".ssh and abc").collect();
        assert_eq!(found, [(0, 0, 4), (2, 9, 12)]);
    }
}
