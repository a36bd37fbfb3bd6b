//! `Gem::Version` (<https://docs.ruby-lang.org/en/master/Gem/Version.html>).

use std::cmp::Ordering;

/// Segments of numbers and letters; letters make a pre-release.
#[derive(Clone, Debug)]
pub struct Gem(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Number(Box<str>),
    Letters(Box<str>),
}

impl Gem {
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let shaped = text.starts_with(|c: char| c.is_ascii_digit())
            && text
                .split(['.', '-'])
                .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()));
        if !shaped {
            return None;
        }
        // `-` begins a pre-release
        let text = text.replace('-', ".pre.");
        let mut segments = Vec::new();
        for part in text.split('.') {
            let mut rest = part;
            while let Some(first) = rest.chars().next() {
                let digits = first.is_ascii_digit();
                let end = rest
                    .find(|c: char| c.is_ascii_digit() != digits)
                    .unwrap_or(rest.len());
                let (segment, after) = rest.split_at(end);
                segments.push(if digits {
                    Segment::Number(segment.trim_start_matches('0').into())
                } else {
                    Segment::Letters(segment.into())
                });
                rest = after;
            }
        }
        Some(Self(canonical(segments)))
    }
}

/// Zeros before the first letters, and at the end, do not count.
fn canonical(segments: Vec<Segment>) -> Vec<Segment> {
    let first = segments
        .iter()
        .position(|s| matches!(s, Segment::Letters(_)))
        .unwrap_or(segments.len());
    let mut numbers = segments;
    let mut rest = numbers.split_off(first);
    for part in [&mut numbers, &mut rest] {
        while part
            .last()
            .is_some_and(|s| matches!(s, Segment::Number(n) if n.is_empty()))
        {
            part.pop();
        }
    }
    numbers.extend(rest);
    numbers
}

impl Ord for Gem {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Segment::Number("".into());
        for index in 0..self.0.len().max(other.0.len()) {
            let a = self.0.get(index).unwrap_or(&zero);
            let b = other.0.get(index).unwrap_or(&zero);
            let order = match (a, b) {
                (Segment::Number(a), Segment::Number(b)) => super::dotted::numbers(a, b),
                (Segment::Letters(a), Segment::Letters(b)) => a.cmp(b),
                (Segment::Letters(_), Segment::Number(_)) => Ordering::Less,
                (Segment::Number(_), Segment::Letters(_)) => Ordering::Greater,
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }
}

impl PartialOrd for Gem {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Gem {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Gem {}
