//! Versions of gems, ordered as `Gem::Version` orders them
//! (<https://docs.ruby-lang.org/en/master/Gem/Version.html>).

use std::cmp::Ordering;
use std::str::FromStr;

use thiserror::Error;

/// Bytes of the longest version that is read.
const MAX_LENGTH: usize = 256;

/// A version of a gem. `1.0` and `1.0.0` are equal; a version with a letter in it is a pre-release.
#[derive(Clone, Debug)]
pub struct GemVersion {
    /// Segments without the zeros that mean nothing.
    segments: Vec<Segment>,
}

/// A text that is no version of a gem.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is no version of a gem")]
pub struct GemVersionError(String);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// Digits without leading zeros, so that their length decides first.
    Number(Box<str>),
    Text(Box<str>),
}

impl GemVersion {
    /// True if it has a letter: it is chosen only when asked for.
    pub fn is_prerelease(&self) -> bool {
        self.segments.iter().any(|s| matches!(s, Segment::Text(_)))
    }
}

impl FromStr for GemVersion {
    type Err = GemVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.trim();
        if !plain.is_empty() && !is_correct(plain) {
            return Err(GemVersionError(text.chars().take(MAX_LENGTH).collect()));
        }
        // a hyphen begins a pre-release
        Ok(Self {
            segments: canonical(segments(&plain.replace('-', ".pre."))),
        })
    }
}

/// `[0-9]+(\.[0-9a-zA-Z]+)*(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?`
fn is_correct(text: &str) -> bool {
    let (main, pre) = text
        .split_once('-')
        .map_or((text, None), |(main, pre)| (main, Some(pre)));
    let word = |part: &str, hyphen: bool| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || (hyphen && b == b'-'))
    };
    let mut parts = main.split('.');
    text.len() <= MAX_LENGTH
        && parts
            .next()
            .is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
        && parts.all(|p| word(p, false))
        && pre.is_none_or(|pre| pre.split('.').all(|p| word(p, true)))
}

/// Runs of digits and runs of letters.
fn segments(text: &str) -> Vec<Segment> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let digits = first.is_ascii_digit();
        let end = rest
            .bytes()
            .position(|b| b.is_ascii_digit() != digits || !b.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end.max(1));
        rest = behind;
        if digits {
            found.push(Segment::Number(run.trim_start_matches('0').into()));
        } else if first.is_ascii_alphabetic() {
            found.push(Segment::Text(run.into()));
        }
    }
    found
}

/// Drops the zeros before the first text and at the end.
fn canonical(mut segments: Vec<Segment>) -> Vec<Segment> {
    let is_zero = |s: &Segment| matches!(s, Segment::Number(n) if n.is_empty());
    let at = segments.iter().position(|s| matches!(s, Segment::Text(_)));
    let mut pre = segments.split_off(at.unwrap_or(segments.len()));
    for part in [&mut segments, &mut pre] {
        while part.last().is_some_and(is_zero) {
            part.pop();
        }
    }
    segments.append(&mut pre);
    segments
}

impl Ord for Segment {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.len().cmp(&b.len()).then_with(|| a.cmp(b)),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Text(_), Self::Number(_)) => Ordering::Less,
            (Self::Number(_), Self::Text(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Segment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GemVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Segment::Number("".into());
        let longest = self.segments.len().max(other.segments.len());
        (0..longest)
            .map(|i| {
                let a = self.segments.get(i).unwrap_or(&zero);
                a.cmp(other.segments.get(i).unwrap_or(&zero))
            })
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

impl PartialOrd for GemVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for GemVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for GemVersion {}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> GemVersion {
        text.parse().expect(text)
    }

    #[test]
    fn the_order_is_that_of_gem_version() {
        let ascending = [
            "0",
            "0.1.a",
            "0.1",
            "1.0.0.a",
            "1.0.0-rc.1",
            "1.0.0-1",
            "1.0.0.rc1",
            "1.0.0.rc2",
            "1.0",
            "1.0.1.pre",
            "1.0.1",
            "1.9",
            "1.10",
            "2.0.a.9",
            "2.0.b.1",
            "2",
            "99999999999999999999999.1",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        for (a, b) in [
            ("1", "1.0.0"),
            ("1.0-x", "1.0.pre.x"),
            ("01.2", "1.2"),
            ("", "0"),
            ("1.0.a", "1.a"),
        ] {
            assert_eq!(version(a), version(b), "{a} {b}");
        }
        assert!(version("1.a").is_prerelease() && !version("1.0").is_prerelease());
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in ["junk", "1..2", "1.2 3", "1.", "-1", "1_0", "1.0+b", "v1"] {
            assert!(text.parse::<GemVersion>().is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_order_is_total(a in "[0-2](\\.[0-2ab]{1,2}){0,3}(-[a-b0]{1,2})?", b in "[0-2](\\.[0-2ab]{1,2}){0,3}", c in "[0-2](\\.[0-2ab]{1,2}){0,3}") {
            let (a, b, c) = (version(&a), version(&b), version(&c));
            assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
            if a <= b && b <= c {
                assert!(a <= c);
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in "\\PC*") {
            let _ = text.parse::<GemVersion>();
        }
    }
}
