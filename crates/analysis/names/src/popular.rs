//! Lists of popular names.

use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::{Arc, LazyLock};

use foretaste_model::Ecosystem;

use crate::affixes;
use crate::cost::LONGEST;
use crate::fold::{latin, skeleton, squash};
use crate::index::{Counts, Lookup, letters};
use crate::subject::{canonical, scope, words};

/// The lists are no longer than this when unpacked.
const UNPACKED: u64 = 8 << 20;
/// What an unranked name counts as, where popularity weighs.
const UNRANKED: u32 = 1_000;
/// How many lines of a list its top is.
const TOP: usize = 1_000;

macro_rules! embedded {
    ($file:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $file, ".zst"))
    };
}

/// The built-in list of one ecosystem, indexed at first use: all of it, and its top alone, which is ten times faster.
struct Embedded {
    all: LazyLock<Arc<PopularNames>>,
    top: LazyLock<Arc<PopularNames>>,
}

macro_rules! ecosystem {
    ($ecosystem:expr, $file:literal) => {
        Embedded {
            all: LazyLock::new(|| read($ecosystem, embedded!($file), usize::MAX)),
            top: LazyLock::new(|| read($ecosystem, embedded!($file), TOP)),
        }
    };
}

static PYPI: Embedded = ecosystem!(Ecosystem::Pypi, "pypi");
static NPM: Embedded = ecosystem!(Ecosystem::Npm, "npm");
static CARGO: Embedded = ecosystem!(Ecosystem::Cargo, "cargo");
// Brands are names of no ecosystem; PyPI's way to compare names is the loosest.
static BRANDS: LazyLock<Arc<PopularNames>> =
    LazyLock::new(|| read(Ecosystem::Pypi, embedded!("brands"), usize::MAX));

impl Embedded {
    const fn of(ecosystem: Ecosystem) -> &'static Self {
        match ecosystem {
            Ecosystem::Pypi => &PYPI,
            Ecosystem::Npm => &NPM,
            Ecosystem::Cargo => &CARGO,
        }
    }
}

/// Unpacks and indexes the first `most` lines. The lists are our own, so what cannot be unpacked is a broken build, which
/// the tests see as a short list.
fn read(ecosystem: Ecosystem, packed: &'static [u8], most: usize) -> Arc<PopularNames> {
    let mut text = String::new();
    if let Ok(decoder) = zstd::Decoder::new(packed) {
        let lines = BufReader::new(decoder.take(UNPACKED)).lines();
        for line in lines.take(most).map_while(Result::ok) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    Arc::new(PopularNames::from_list(ecosystem, &text))
}

/// A list of popular names, indexed for nomination.
#[derive(Debug)]
pub struct PopularNames {
    names: Vec<Name>,
    is_ranked: bool,
    exact: Lookup,
    squashed: Lookup,
    skeletons: Lookup,
    cores: Lookup,
    sorted_words: Lookup,
    heads: Counts,
    scopes: Counts,
    /// By length of the squashed name: its letters and its index.
    by_length: Vec<Vec<(u64, u32)>>,
}

/// One popular name.
#[derive(Debug)]
pub(crate) struct Name {
    /// As the list spells it.
    pub(crate) written: Box<str>,
    pub(crate) squashed: Box<str>,
}

impl PopularNames {
    /// The built-in list, unpacked and indexed at first use.
    pub fn embedded(ecosystem: Ecosystem) -> Arc<Self> {
        Arc::clone(&Embedded::of(ecosystem).all)
    }

    /// The most popular thousand of the built-in list.
    pub(crate) fn embedded_top(ecosystem: Ecosystem) -> Arc<Self> {
        Arc::clone(&Embedded::of(ecosystem).top)
    }

    /// Well-known names of projects and products that are not popular packages.
    pub(crate) fn brands() -> &'static Self {
        &BRANDS
    }

    /// A list of the user's own: one name a line, the most popular first. Empty lines and lines that begin with `#` are
    /// skipped; the line `# unranked` says that the order means nothing.
    pub fn from_list(ecosystem: Ecosystem, text: &str) -> Self {
        let mut names = Vec::new();
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
            names.push(Name {
                written: written(ecosystem, line).into(),
                squashed: squash(&folded).into(),
            });
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
        let squashed = || {
            names
                .iter()
                .zip(0_u32..)
                .map(|(name, i)| (i, &name.squashed))
        };
        let mut by_length = vec![Vec::new(); LONGEST + 1];
        for (index, name) in squashed() {
            if let Some(bucket) = by_length.get_mut(name.len()) {
                bucket.push((letters(name), index));
            }
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
            by_length,
            is_ranked,
            names,
        }
    }

    /// The rank of a name, 1 for the most popular; none for names that are not listed, or of an unranked list.
    pub fn rank(&self, ecosystem: Ecosystem, name: &str) -> Option<u32> {
        self.rank_of(self.find(&canonical(ecosystem, &name.trim().to_lowercase()))?)
    }

    /// How many names it holds.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True if it holds no name.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names, the most popular first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &*name.written)
    }

    /// The index of a canonical name.
    pub(crate) fn find(&self, canonical: &str) -> Option<u32> {
        self.exact.find(canonical).next()
    }

    pub(crate) fn get(&self, index: u32) -> Option<&Name> {
        self.names.get(index as usize)
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
        self.by_length
            .iter()
            .take(length + EDITS + 1)
            .skip(length.saturating_sub(EDITS))
            .flatten()
            // One edit takes at most one letter away and brings one.
            .filter(move |(mask, _)| (mask ^ wanted).count_ones() <= 2 * EDITS as u32)
            .map(|(_, index)| *index)
    }
}

/// How a nomination spells a name.
fn written(ecosystem: Ecosystem, line: &str) -> String {
    match ecosystem {
        Ecosystem::Pypi => canonical(ecosystem, &line.to_lowercase()),
        Ecosystem::Npm | Ecosystem::Cargo => line.to_owned(),
    }
}

/// The words in alphabetical order; none for a single word.
fn sorted<S: AsRef<str>>(words: &[S]) -> Option<String> {
    let mut words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join("-"))
}
