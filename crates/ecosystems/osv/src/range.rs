//! Whether a version is covered, as OSV evaluates it
//! (<https://ossf.github.io/osv-schema/#evaluation>), with each ecosystem's own order of versions.

use std::cmp::Ordering;

use foretaste_model::Ecosystem;

use crate::version::Version;
use crate::{Affected, Event, Range};

/// Whether a version is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// It is.
    Covered,
    /// It is not.
    Clear,
    /// The version, or a boundary that decides, is none that its ecosystem understands.
    Unreadable,
}

/// Whether `version` is among the covered versions of a package.
pub fn covers(affected: &Affected, version: &str) -> Coverage {
    let wanted = Version::read(affected.ecosystem, version);
    if affected
        .versions
        .iter()
        .any(|listed| is_same(affected.ecosystem, version, wanted.as_ref(), listed))
    {
        return Coverage::Covered;
    }
    let mut result = Coverage::Clear;
    for range in &affected.ranges {
        match in_range(affected.ecosystem, range, wanted.as_ref()) {
            Coverage::Covered => return Coverage::Covered,
            Coverage::Unreadable => result = Coverage::Unreadable,
            Coverage::Clear => {}
        }
    }
    // a record that names neither versions nor ranges speaks of the whole package
    if affected.ranges.is_empty() && affected.versions.is_empty() {
        return Coverage::Covered;
    }
    result
}

fn is_same(ecosystem: Ecosystem, text: &str, version: Option<&Version>, listed: &str) -> bool {
    listed == text
        || version.is_some_and(|version| {
            // most listed versions differ in their first characters: reading them all is what costs
            may_be_equal(text, listed)
                && Version::read(ecosystem, listed)
                    .is_some_and(|l| version.against(&l) == Some(Ordering::Equal))
        })
}

/// False if the first numbers of two versions differ, so that they cannot be equal in any ecosystem. Epochs and
/// leading letters are left to the reader.
fn may_be_equal(a: &str, b: &str) -> bool {
    fn first(text: &str) -> Option<&str> {
        let end = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, rest) = text.split_at(end);
        (end > 0 && !rest.starts_with('!')).then(|| number.trim_start_matches('0'))
    }
    match (first(a), first(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// One boundary on the line of versions.
enum Bound {
    /// Before every version.
    Start,
    /// At a version.
    At(Version),
}

fn in_range(ecosystem: Ecosystem, range: &Range, version: Option<&Version>) -> Coverage {
    let read = |text: &str| {
        if text == "0" {
            Some(Bound::Start)
        } else {
            Version::read(ecosystem, text).map(Bound::At)
        }
    };
    let Some(version) = version else {
        // what cannot be placed on the line is covered only where all of the line is
        let everything = range
            .events
            .iter()
            .all(|e| matches!(e, Event::Introduced(v) if &**v == "0"));
        return if everything {
            Coverage::Covered
        } else {
            Coverage::Unreadable
        };
    };
    let order = |bound: &Bound| match bound {
        Bound::Start => Some(Ordering::Greater),
        Bound::At(at) => version.against(at),
    };
    let mut limits = range.events.iter().filter_map(|e| match e {
        Event::Limit(limit) => Some(&**limit),
        _ => None,
    });
    let mut limited = false;
    let within = limits.any(|limit| {
        limited = true;
        limit == "*" || read(limit).is_some_and(|l| order(&l) == Some(Ordering::Less))
    });
    if limited && !within {
        return Coverage::Clear;
    }
    // the last event at or below the version decides; of those at one place, a beginning gives way to an end, as in a
    // sorted list of events in which `introduced` comes first
    let mut covered = false;
    let mut last: Option<Bound> = None;
    let mut unreadable = false;
    for event in &range.events {
        let (text, begins, inclusive) = match event {
            Event::Introduced(v) => (v, true, true),
            Event::Fixed(v) => (v, false, true),
            Event::LastAffected(v) => (v, false, false),
            Event::Limit(_) => continue,
        };
        let Some(bound) = read(text) else {
            unreadable = true;
            continue;
        };
        let reached = match order(&bound) {
            Some(Ordering::Greater) => true,
            Some(Ordering::Equal) => inclusive,
            Some(Ordering::Less) => false,
            None => {
                unreadable = true;
                false
            }
        };
        if !reached {
            continue;
        }
        let later = match (&last, &bound) {
            (Some(Bound::Start), Bound::Start) => !begins,
            (Some(Bound::At(_)), Bound::Start) => false,
            (None, _) | (Some(Bound::Start), Bound::At(_)) => true,
            (Some(Bound::At(a)), Bound::At(b)) => match b.order(a) {
                Some(Ordering::Greater) => true,
                Some(Ordering::Equal) => !begins,
                _ => false,
            },
        };
        if later {
            covered = begins;
            last = Some(bound);
        }
    }
    match (covered, unreadable) {
        (true, _) => Coverage::Covered,
        (false, true) => Coverage::Unreadable,
        (false, false) => Coverage::Clear,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn affected(ecosystem: Ecosystem, events: &[(&str, &str)], versions: &[&str]) -> Affected {
        let events: Vec<Event> = events
            .iter()
            .map(|(kind, v)| match *kind {
                "introduced" => Event::Introduced((*v).into()),
                "fixed" => Event::Fixed((*v).into()),
                "last" => Event::LastAffected((*v).into()),
                _ => Event::Limit((*v).into()),
            })
            .collect();
        Affected {
            ecosystem,
            name: "pad".into(),
            ranges: if events.is_empty() {
                Vec::new()
            } else {
                vec![Range { events }]
            },
            versions: versions.iter().map(|v| (*v).into()).collect(),
            vectors: Vec::new(),
            symbols: Vec::new(),
        }
    }

    fn covered(a: &Affected, version: &str) -> bool {
        covers(a, version) == Coverage::Covered
    }

    #[test]
    fn events_are_evaluated_in_the_order_of_versions() {
        // not in the order of the record
        let a = affected(
            Ecosystem::Npm,
            &[
                ("fixed", "3.2.1"),
                ("introduced", "3.0.0"),
                ("fixed", "1.5.0"),
                ("introduced", "0"),
            ],
            &[],
        );
        for (version, expected) in [
            ("0.0.0-0", true),
            ("1.4.9", true),
            ("1.5.0-rc.1", true),
            ("1.5.0", false),
            ("2.9.9", false),
            ("3.0.0-rc.1", false),
            ("3.0.0", true),
            ("3.2.1", false),
            ("3.10.0", false),
            ("v3.1.0+build", true),
        ] {
            assert_eq!(covered(&a, version), expected, "{version}");
        }
    }

    #[test]
    fn last_affected_is_covered_and_limits_end_a_branch() {
        let a = affected(
            Ecosystem::Pypi,
            &[("introduced", "1.0"), ("last", "1.4")],
            &[],
        );
        assert!(covered(&a, "1.4.0") && covered(&a, "1.4+cu118"));
        assert!(!covered(&a, "1.4.1") && !covered(&a, "1.0rc1"));
        let a = affected(
            Ecosystem::Pypi,
            &[("introduced", "1.0"), ("limit", "2.0")],
            &[],
        );
        assert!(covered(&a, "1.9") && !covered(&a, "2.0") && !covered(&a, "3"));
        let a = affected(
            Ecosystem::Pypi,
            &[("introduced", "1.0"), ("limit", "*")],
            &[],
        );
        assert!(covered(&a, "99"));
    }

    #[test]
    fn listed_versions_count_besides_ranges() {
        let a = affected(
            Ecosystem::Pypi,
            &[("introduced", "2"), ("fixed", "2.1")],
            &["1.0", "0!1.1.0"],
        );
        assert!(covered(&a, "1.0.0") && covered(&a, "v1.0") && covered(&a, "01.0"));
        assert!(covered(&a, "1.1") && covered(&a, "2.0.5") && !covered(&a, "1.2"));
        assert!(covered(&affected(Ecosystem::Npm, &[], &[]), "1.0.0"));
    }

    #[test]
    fn what_is_no_version_is_told_apart() {
        let a = affected(
            Ecosystem::Pypi,
            &[("introduced", "0"), ("fixed", "2")],
            &["old-and-odd"],
        );
        assert_eq!(covers(&a, "nonsense"), Coverage::Unreadable);
        assert_eq!(covers(&a, "old-and-odd"), Coverage::Covered);
        let all = affected(Ecosystem::Pypi, &[("introduced", "0")], &[]);
        assert_eq!(covers(&all, "nonsense"), Coverage::Covered);
        let broken = affected(
            Ecosystem::Pypi,
            &[("introduced", "0"), ("fixed", "soon")],
            &[],
        );
        assert_eq!(covers(&broken, "1.0"), Coverage::Covered);
        assert_eq!(
            covers(
                &affected(
                    Ecosystem::Pypi,
                    &[("introduced", "nope"), ("fixed", "2")],
                    &[]
                ),
                "1"
            ),
            Coverage::Unreadable
        );
    }

    proptest! {
        #[test]
        fn any_text_is_survived(v in ".{0,20}", e in ".{0,20}", l in "[0-9a-z.!+-]{0,20}") {
            for ecosystem in Ecosystem::ALL {
                let a = affected(ecosystem, &[("introduced", &e), ("last", &l), ("limit", &v)], &[&l]);
                let _ = covers(&a, &v);
                let _ = covers(&a, &l);
            }
        }

        #[test]
        fn the_order_of_events_does_not_matter(
            mut events in proptest::collection::vec((0..3_u8, 0..6_u8), 1..6), version in 0..7_u8,
        ) {
            let shaped = |events: &[(u8, u8)]| {
                let texts: Vec<(&str, String)> = events.iter()
                    .map(|(k, v)| (["introduced", "fixed", "last"][usize::from(*k)], format!("{v}.0.0")))
                    .collect();
                let refs: Vec<(&str, &str)> = texts.iter().map(|(k, v)| (*k, v.as_str())).collect();
                affected(Ecosystem::Cargo, &refs, &[])
            };
            let first = covers(&shaped(&events), &format!("{version}.0.0"));
            events.reverse();
            prop_assert_eq!(first, covers(&shaped(&events), &format!("{version}.0.0")));
        }
    }
}
