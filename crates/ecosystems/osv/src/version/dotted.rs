//! Versions of three or four numbers with a stability behind them: NuGet's and Composer's.

use std::cmp::Ordering;

/// Compares decimal numbers without leading zeros, of any length.
pub(super) fn numbers(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

fn number(text: &str) -> Option<Box<str>> {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    plain.then(|| text.trim_start_matches('0').into())
}

/// `NuGetVersion` (<https://learn.microsoft.com/nuget/concepts/package-versioning>): semantic, with an optional fourth
/// number, letters of either case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NuGet {
    numbers: Vec<Box<str>>,
    pre: Vec<Box<str>>,
}

impl NuGet {
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, pre) = text
            .split_once('-')
            .map_or((text, None), |(n, p)| (n, Some(p)));
        let mut numbers = numbers
            .split('.')
            .map(number)
            .collect::<Option<Vec<_>>>()
            .filter(|n| n.len() <= 4)?;
        numbers.resize(4, "".into());
        let pre = match pre {
            None => Vec::new(),
            Some(pre) => pre
                .split('.')
                .map(|p| {
                    let plain =
                        !p.is_empty() && p.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
                    plain.then(|| p.to_ascii_lowercase().into())
                })
                .collect::<Option<Vec<_>>>()?,
        };
        Some(Self { numbers, pre })
    }
}

impl Ord for NuGet {
    fn cmp(&self, other: &Self) -> Ordering {
        for (a, b) in self.numbers.iter().zip(&other.numbers) {
            let order = numbers(a, b);
            if order.is_ne() {
                return order;
            }
        }
        match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => {
                for (a, b) in self.pre.iter().zip(&other.pre) {
                    let order = match (number(a), number(b)) {
                        (Some(a), Some(b)) => numbers(&a, &b),
                        (Some(_), None) => Ordering::Less,
                        (None, Some(_)) => Ordering::Greater,
                        (None, None) => a.cmp(b),
                    };
                    if order.is_ne() {
                        return order;
                    }
                }
                self.pre.len().cmp(&other.pre.len())
            }
        }
    }
}

impl PartialOrd for NuGet {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Composer's versions (<https://getcomposer.org/doc/articles/versions.md>): up to four numbers, then `dev`, `alpha`,
/// `beta`, `RC`, nothing, or `patch`. Branch names are no versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Composer {
    numbers: Vec<Box<str>>,
    stability: u8,
    counts: Vec<Box<str>>,
    dev: bool,
}

impl Composer {
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.split_once('+').map_or(text.as_str(), |(v, _)| v);
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, dev) = match text.strip_suffix("dev") {
            Some(rest) => (rest.trim_end_matches(['-', '.', '_']), true),
            None => (text, false),
        };
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(text.len());
        let (head, rest) = text.split_at(end);
        let mut numbers = head
            .trim_end_matches('.')
            .split('.')
            .map(number)
            .collect::<Option<Vec<_>>>()
            .filter(|n| n.len() <= 4)?;
        numbers.resize(4, "".into());
        let rest = rest.trim_start_matches(['-', '.', '_']);
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (word, counts) = rest.split_at(letters);
        let stability = match word {
            "a" | "alpha" => 1,
            "b" | "beta" => 2,
            "rc" => 3,
            "" | "stable" => 4,
            "p" | "pl" | "patch" => 5,
            _ => return None,
        };
        let counts = counts
            .split(['-', '.', '_'])
            .filter(|c| !c.is_empty())
            .map(number)
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            numbers,
            stability,
            counts,
            dev,
        })
    }

    /// A bare `-dev` comes before every other stability.
    const fn rank(&self) -> u8 {
        if self.dev && self.stability == 4 {
            0
        } else {
            self.stability
        }
    }
}

impl Ord for Composer {
    fn cmp(&self, other: &Self) -> Ordering {
        let lists = |a: &[Box<str>], b: &[Box<str>]| {
            let order = a
                .iter()
                .zip(b)
                .map(|(a, b)| numbers(a, b))
                .find(|o| o.is_ne());
            order.unwrap_or_else(|| a.len().cmp(&b.len()))
        };
        lists(&self.numbers, &other.numbers)
            .then(self.rank().cmp(&other.rank()))
            .then_with(|| lists(&self.counts, &other.counts))
            .then(other.dev.cmp(&self.dev))
    }
}

impl PartialOrd for Composer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
