//! Lists of popular names.

use std::borrow::Cow;

use foretaste_model::Ecosystem;

use crate::affixes;
use crate::cost::LONGEST;
use crate::fold::{latin, skeleton, squash};
use crate::index::{Counts, Lookup, Pairs, letters};
use crate::subject::{canonical, scope, words};

/// What an unranked name counts as, where popularity weighs.
const UNRANKED: u32 = 1_000;

/// A list of popular names, indexed for nomination.
#[derive(Clone, Debug, Default)]
pub struct PopularNames {
    /// Where each name stands in `text`: start, bytes as written, bytes squashed.
    names: Cow<'static, [u8]>,
    /// The names, each as written and then squashed.
    text: Cow<'static, [u8]>,
    is_ranked: bool,
    exact: Lookup,
    squashed: Lookup,
    skeletons: Lookup,
    cores: Lookup,
    sorted_words: Lookup,
    heads: Counts,
    scopes: Counts,
    /// By length of the squashed name: its letters and its index.
    by_length: Pairs,
    /// Where each length begins in `by_length`, and where the last one ends.
    lengths: Cow<'static, [u8]>,
}

/// One popular name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    /// As the list spells it.
    pub(crate) written: &'a str,
    pub(crate) squashed: &'a str,
}

const NAME: usize = 12;

impl PopularNames {
    /// A list of the user's own: one name a line, the most popular first. Empty lines and lines that begin with `#` are
    /// skipped; the line `# unranked` says that the order means nothing.
    pub fn from_list(ecosystem: Ecosystem, text: &str) -> Self {
        let mut spelt: Vec<(String, String)> = Vec::new();
        let mut canonicals: Vec<String> = Vec::new();
        let mut is_ranked = true;
        for line in text.lines().map(str::trim) {
            if line == "# unranked" {
                is_ranked = false;
            }
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let folded = canonical(ecosystem, &latin(line));
            spelt.push((written(ecosystem, line), squash(&folded)));
            canonicals.push(folded);
        }
        let split: Vec<Vec<&str>> = canonicals.iter().map(|name| words(name)).collect();
        let numbered = || canonicals.iter().zip(0_u32..).map(|(name, i)| (i, name));
        let worded = || {
            split
                .iter()
                .zip(0_u32..)
                .map(|(words, i)| (i, words.as_slice()))
        };
        let squashed = || spelt.iter().zip(0_u32..).map(|((_, name), i)| (i, name));
        let (mut names, mut text) = (Vec::new(), Vec::new());
        for (written, squashed) in &spelt {
            for number in [text.len(), written.len(), squashed.len()] {
                names.extend_from_slice(&(number as u32).to_le_bytes());
            }
            text.extend_from_slice(written.as_bytes());
            text.extend_from_slice(squashed.as_bytes());
        }
        let mut buckets = vec![Vec::new(); LONGEST + 1];
        for (index, name) in squashed() {
            if let Some(bucket) = buckets.get_mut(name.len()) {
                bucket.push((letters(name), index));
            }
        }
        let mut lengths = vec![0; 4];
        let mut end = 0_u32;
        for bucket in &buckets {
            end += bucket.len() as u32;
            lengths.extend_from_slice(&end.to_le_bytes());
        }
        Self {
            exact: Lookup::new(numbered()),
            squashed: Lookup::new(squashed()),
            skeletons: Lookup::new(squashed().map(|(i, name)| (i, skeleton(name)))),
            cores: Lookup::new(worded().filter_map(|(i, words)| Some((i, affixes::core(words)?)))),
            sorted_words: Lookup::new(worded().filter_map(|(i, words)| Some((i, sorted(words)?)))),
            heads: Counts::new(
                split
                    .iter()
                    .filter(|words| words.len() > 1)
                    .filter_map(|words| words.first()),
            ),
            scopes: Counts::new(canonicals.iter().filter_map(|name| scope(name))),
            by_length: Pairs::new(buckets.into_iter().flatten()),
            lengths: lengths.into(),
            is_ranked,
            names: names.into(),
            text: text.into(),
        }
    }

    /// Everything in one piece, for [`Self::unpack`].
    #[allow(dead_code, reason = "the build script packs")]
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut packed = vec![u8::from(self.is_ranked)];
        let sections: [&[u8]; 11] = [
            &self.names,
            &self.text,
            self.exact.0.bytes(),
            self.squashed.0.bytes(),
            self.skeletons.0.bytes(),
            self.cores.0.bytes(),
            self.sorted_words.0.bytes(),
            self.heads.0.bytes(),
            self.scopes.0.bytes(),
            self.by_length.bytes(),
            &self.lengths,
        ];
        for section in sections {
            packed.extend_from_slice(&(section.len() as u32).to_le_bytes());
            packed.extend_from_slice(section);
        }
        packed
    }

    /// A list that was packed, read where it lies. What is cut short reads as an empty section.
    pub(crate) fn unpack(packed: &'static [u8]) -> Self {
        let (ranked, mut rest) = packed.split_first().unwrap_or((&0, &[]));
        let mut section = || -> &'static [u8] {
            let Some((length, behind)) = rest.split_first_chunk::<4>() else {
                return &[];
            };
            let length = u32::from_le_bytes(*length) as usize;
            let (section, behind) = behind.split_at_checked(length).unwrap_or_default();
            rest = behind;
            section
        };
        Self {
            is_ranked: *ranked == 1,
            names: section().into(),
            text: section().into(),
            exact: Lookup(Pairs::packed(section())),
            squashed: Lookup(Pairs::packed(section())),
            skeletons: Lookup(Pairs::packed(section())),
            cores: Lookup(Pairs::packed(section())),
            sorted_words: Lookup(Pairs::packed(section())),
            heads: Counts(Pairs::packed(section())),
            scopes: Counts(Pairs::packed(section())),
            by_length: Pairs::packed(section()),
            lengths: section().into(),
        }
    }

    /// The rank of a name, 1 for the most popular; none for names that are not listed, or of an unranked list.
    pub fn rank(&self, ecosystem: Ecosystem, name: &str) -> Option<u32> {
        self.rank_of(self.find(&canonical(ecosystem, &name.trim().to_lowercase()))?)
    }

    /// How many names it holds.
    pub fn len(&self) -> usize {
        self.names.len() / NAME
    }

    /// True if it holds no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names, the most popular first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len() as u32)
            .filter_map(|index| self.get(index))
            .map(|name| name.written)
    }

    /// The index of a canonical name.
    pub(crate) fn find(&self, canonical: &str) -> Option<u32> {
        self.exact.find(canonical).next()
    }

    pub(crate) fn get(&self, index: u32) -> Option<Name<'_>> {
        let place = |nth| number(&self.names, index as usize * 3 + nth);
        let text = self.text.get(place(0)?..)?;
        let (written, text) = text.split_at_checked(place(1)?)?;
        let (squashed, _) = text.split_at_checked(place(2)?)?;
        Some(Name {
            written: str::from_utf8(written).ok()?,
            squashed: str::from_utf8(squashed).ok()?,
        })
    }

    pub(crate) const fn rank_of(&self, index: u32) -> Option<u32> {
        if self.is_ranked {
            Some(index.saturating_add(1))
        } else {
            None
        }
    }

    /// The rank, or what an unranked name counts as.
    pub(crate) const fn weight_of(&self, index: u32) -> u32 {
        match self.rank_of(index) {
            Some(rank) => rank,
            None => UNRANKED,
        }
    }

    pub(crate) fn with_squashed(&self, form: &str) -> impl Iterator<Item = u32> {
        self.squashed.find(form)
    }

    pub(crate) fn with_skeleton(&self, form: &str) -> impl Iterator<Item = u32> {
        self.skeletons.find(form)
    }

    pub(crate) fn with_core(&self, form: &str) -> impl Iterator<Item = u32> {
        self.cores.find(form)
    }

    pub(crate) fn with_words(&self, words: &[String]) -> impl Iterator<Item = u32> {
        sorted(words)
            .into_iter()
            .flat_map(|form| self.sorted_words.find(&form).collect::<Vec<_>>())
    }

    /// How many listed names of several words begin with this word.
    pub(crate) fn family(&self, head: &str) -> u32 {
        self.heads.of(head)
    }

    /// How many listed names have this scope.
    pub(crate) fn scope_size(&self, scope: &str) -> u32 {
        self.scopes.of(scope)
    }

    /// Names that could be within two edits of a squashed name: lengths and letters fit.
    pub(crate) fn neighbourhood(&self, squashed: &str) -> impl Iterator<Item = u32> {
        const EDITS: usize = 2;
        let length = squashed.len();
        let wanted = letters(squashed);
        // where a length's names begin; behind the longest there is nothing
        let begin = |length: usize| number(&self.lengths, length.min(LONGEST + 1)).unwrap_or(0);
        self.by_length
            .range(
                begin(length.saturating_sub(EDITS)),
                begin(length + EDITS + 1),
            )
            // One edit takes at most one letter away and brings one.
            .filter(move |(mask, _)| (mask ^ wanted).count_ones() <= 2 * EDITS as u32)
            .map(|(_, index)| index)
    }
}

/// The `nth` of a row of 32-bit numbers.
fn number(row: &[u8], nth: usize) -> Option<usize> {
    let (numbers, _) = row.as_chunks::<4>();
    numbers.get(nth).map(|n| u32::from_le_bytes(*n) as usize)
}

/// How a nomination spells a name.
fn written(ecosystem: Ecosystem, line: &str) -> String {
    match ecosystem {
        Ecosystem::Pypi => canonical(ecosystem, &line.to_lowercase()),
        _ => line.to_owned(),
    }
}

/// The words in alphabetical order; none for a single word.
fn sorted<S: AsRef<str>>(words: &[S]) -> Option<String> {
    let mut words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_list_answers_like_the_list_itself() {
        let text = "Requests\nzope.interface\n@scope/thing\npython-nmap\nnaïve\n";
        for ecosystem in Ecosystem::ALL {
            let list = PopularNames::from_list(ecosystem, text);
            let packed: &'static [u8] = Box::leak(list.pack().into());
            let read = PopularNames::unpack(packed);
            assert_eq!(read.pack(), list.pack());
            assert!(read.iter().eq(list.iter()));
            assert_eq!(read.len(), 5);
            let near = |list: &PopularNames| list.neighbourhood("reqests").collect::<Vec<_>>();
            assert_eq!(near(&read), near(&list));
            assert_eq!(near(&read), [0]);
            for cut in 0..packed.len() {
                let broken = PopularNames::unpack(&packed[..cut]);
                assert!(broken.iter().count() <= 5);
                assert!(near(&broken).len() <= 1);
            }
        }
    }
}
