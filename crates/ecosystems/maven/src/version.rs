//! Versions of Maven artifacts, compared as Maven does
//! (<https://maven.apache.org/pom.html#version-order-specification>).

use std::cmp::Ordering;
use std::fmt;

/// Characters that are read of a version.
const MAX_LENGTH: usize = 256;

/// A version of a Maven artifact. Every text is one.
///
/// Maven's comparison is not transitive for odd versions (`1-alpha-1 < 1 < 1.sp.1 < 1-alpha-1`), which is why this type
/// has no `Ord`: sorting functions of the standard library may panic with such an order. Use
/// [`MavenVersion::compare`] and [`sorted`].
#[derive(Clone, Debug)]
pub struct MavenVersion {
    text: Box<str>,
    items: Vec<Item>,
}

#[derive(Clone, Debug)]
enum Item {
    /// Digits without leading zeros.
    Number(Box<str>),
    Word(Word),
    List(Vec<Self>),
}

/// A qualifier: the known ones in their order, and any other behind them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Word {
    Alpha,
    Beta,
    Milestone,
    Candidate,
    Snapshot,
    Release,
    ServicePack,
    Other(Box<str>),
}

impl MavenVersion {
    /// Reads a version; of a very long text only the beginning.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let end = text.floor_char_boundary(MAX_LENGTH);
        let text = text.get(..end).unwrap_or("");
        Self {
            text: text.into(),
            items: Reader::default().read(&text.to_lowercase()),
        }
    }

    /// True for versions that are still being made (`-SNAPSHOT`).
    pub fn is_snapshot(&self) -> bool {
        self.text.to_ascii_lowercase().ends_with("-snapshot")
    }

    /// True for alphas, betas, milestones, release candidates and snapshots.
    pub fn is_prerelease(&self) -> bool {
        fn any(items: &[Item]) -> bool {
            items.iter().any(|item| match item {
                Item::Number(_) => false,
                Item::Word(word) => *word < Word::Release,
                Item::List(items) => any(items),
            })
        }
        any(&self.items)
    }

    /// How Maven orders two versions.
    pub fn compare(&self, other: &Self) -> Ordering {
        compare_lists(&self.items, &other.items)
    }
}

impl fmt::Display for MavenVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The versions in ascending order, as far as there is one.
pub fn sorted<T>(
    items: impl IntoIterator<Item = T>,
    version: impl Fn(&T) -> &MavenVersion,
) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    for item in items {
        let at = found.partition_point(|other| version(other).compare(version(&item)).is_le());
        found.insert(at, item);
    }
    found
}

/// Builds the nested lists: each hyphen, and each change between digits and letters, begins a list in the last one.
#[derive(Default)]
struct Reader {
    open: Vec<Vec<Item>>,
}

impl Reader {
    fn read(mut self, text: &str) -> Vec<Item> {
        self.open.push(Vec::new());
        let mut digits = false;
        let mut start = 0;
        for (at, c) in text.char_indices() {
            let run = text.get(start..at).unwrap_or("");
            match c {
                '.' | '-' => {
                    let item = if run.is_empty() {
                        Item::Number("".into())
                    } else {
                        item(run, digits, false)
                    };
                    self.add(item);
                    start = at + 1;
                    if c == '-' {
                        self.open.push(Vec::new());
                    }
                }
                '0'..='9' => {
                    if !digits && !run.is_empty() {
                        // `1.a1` is `1-a1`
                        self.nest();
                        self.add(item(run, false, true));
                        start = at;
                        self.open.push(Vec::new());
                    }
                    digits = true;
                }
                _ => {
                    if digits && !run.is_empty() {
                        self.add(item(run, true, false));
                        start = at;
                        self.open.push(Vec::new());
                    }
                    digits = false;
                }
            }
        }
        let run = text.get(start..).unwrap_or("");
        if !run.is_empty() {
            if !digits {
                self.nest();
            }
            self.add(item(run, digits, false));
        }
        self.close()
    }

    fn add(&mut self, item: Item) {
        if let Some(last) = self.open.last_mut() {
            last.push(item);
        }
    }

    fn nest(&mut self) {
        if self.open.last().is_some_and(|l| !l.is_empty()) {
            self.open.push(Vec::new());
        }
    }

    /// Closes the lists from the innermost outwards, each without what means nothing at its end.
    fn close(mut self) -> Vec<Item> {
        while let Some(mut list) = self.open.pop() {
            normalize(&mut list);
            match self.open.last_mut() {
                Some(outer) => outer.push(Item::List(list)),
                None => return list,
            }
        }
        Vec::new()
    }
}

/// Removes zeros, `final` and empty lists, from the end to the first item that is neither such nor a list.
fn normalize(list: &mut Vec<Item>) {
    let mut at = list.len();
    while at > 0 {
        at -= 1;
        let null = match list.get(at) {
            Some(Item::Number(n)) => n.is_empty(),
            Some(Item::Word(word)) => *word == Word::Release,
            Some(Item::List(inner)) => inner.is_empty(),
            None => false,
        };
        if null {
            list.remove(at);
        } else if !matches!(list.get(at), Some(Item::List(_))) {
            break;
        }
    }
}

fn item(run: &str, digits: bool, before_digit: bool) -> Item {
    if digits {
        return Item::Number(run.trim_start_matches('0').into());
    }
    Item::Word(match run {
        "a" if before_digit => Word::Alpha,
        "b" if before_digit => Word::Beta,
        "m" if before_digit => Word::Milestone,
        "alpha" => Word::Alpha,
        "beta" => Word::Beta,
        "milestone" => Word::Milestone,
        "rc" | "cr" => Word::Candidate,
        "snapshot" => Word::Snapshot,
        "" | "ga" | "final" | "release" => Word::Release,
        "sp" => Word::ServicePack,
        other => Word::Other(other.into()),
    })
}

fn compare_lists(a: &[Item], b: &[Item]) -> Ordering {
    (0..a.len().max(b.len()))
        .map(|i| match (a.get(i), b.get(i)) {
            (Some(a), Some(b)) => compare_items(a, b),
            (Some(a), None) => against_nothing(a),
            (None, Some(b)) => against_nothing(b).reverse(),
            (None, None) => Ordering::Equal,
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// Words come before lists, lists before numbers.
fn compare_items(a: &Item, b: &Item) -> Ordering {
    let rank = |item: &Item| match item {
        Item::Word(_) => 0,
        Item::List(_) => 1,
        Item::Number(_) => 2,
    };
    match (a, b) {
        (Item::Number(a), Item::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
        (Item::Word(a), Item::Word(b)) => a.cmp(b),
        (Item::List(a), Item::List(b)) => compare_lists(a, b),
        _ => rank(a).cmp(&rank(b)),
    }
}

/// An item against the end of the other version.
fn against_nothing(item: &Item) -> Ordering {
    match item {
        Item::Number(n) => n.len().cmp(&0),
        Item::Word(word) => word.cmp(&Word::Release),
        Item::List(items) => items
            .iter()
            .map(against_nothing)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(a: &str, b: &str) -> Ordering {
        MavenVersion::new(a).compare(&MavenVersion::new(b))
    }

    #[test]
    fn the_order_is_that_of_maven() {
        let ascending = [
            "1-alpha2snapshot",
            "1-alpha2",
            "1-alpha-123",
            "1-beta-2",
            "1-beta123",
            "1-m2",
            "1-m11",
            "1-rc",
            "1-cr2",
            "1-rc123",
            "1-SNAPSHOT",
            "1",
            "1-sp",
            "1-sp2",
            "1-sp123",
            "1-abc",
            "1-def",
            "1-pom-1",
            "1-1-snapshot",
            "1-1",
            "1-2",
            "1-123",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        for (a, b) in [
            ("1", "1.0.0"),
            ("1-ga", "1"),
            ("1.0.Final", "1"),
            ("1a1", "1-alpha-1"),
            ("1cr", "1rc"),
            ("1.01", "1.1"),
        ] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
        assert!(
            MavenVersion::new("2.0-M1").is_prerelease()
                && !MavenVersion::new("2.0-jre8").is_prerelease()
        );
        assert!(MavenVersion::new("2.0-SNAPSHOT").is_snapshot());
    }

    #[test]
    fn versions_without_an_order_are_sorted_without_a_panic() {
        let texts = ["1.sp.1", "1-alpha-1", "1"].repeat(40);
        let versions: Vec<_> = texts.iter().map(|t| MavenVersion::new(t)).collect();
        assert_eq!(sorted(versions.iter(), |v| v).len(), 120);
    }

    proptest::proptest! {
        #[test]
        fn comparing_is_antisymmetric(a in "[0-2.a-cA-C-]{0,12}", b in "[0-2.a-cA-C-]{0,12}") {
            assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
            assert_eq!(compare(&a, &a), Ordering::Equal);
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*") {
            let _ = MavenVersion::new(&text).is_prerelease();
        }
    }
}
