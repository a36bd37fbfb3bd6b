//! Which samples are measured.

use std::collections::BTreeSet;

use foretaste_eval::{Choice, Half, Sample};

use crate::support::{benign, malicious};

fn many() -> Vec<Sample> {
    let mut samples: Vec<Sample> = (0..300)
        .map(|i| malicious(&format!("m{i}"), &format!("family {}", i % 60)))
        .collect();
    samples.extend((0..50).map(|i| benign(&format!("b{i}"))));
    samples
}

fn names(samples: &[Sample]) -> BTreeSet<String> {
    samples.iter().map(|s| s.name.clone()).collect()
}

#[test]
fn one_member_of_each_family_is_drawn_whatever_the_order() {
    let choice = Choice {
        one_per_family: true,
        ..Choice::default()
    };
    let drawn = choice.apply(many());
    let families: BTreeSet<_> = drawn
        .iter()
        .map(|s| &s.family)
        .filter(|f| !f.is_empty())
        .collect();
    assert_eq!((families.len(), drawn.len()), (60, 60 + 50));
    let mut turned = many();
    turned.reverse();
    assert_eq!(names(&drawn), names(&choice.apply(turned)));
    let other = Choice { seed: 2, ..choice };
    assert_ne!(names(&drawn), names(&other.apply(many())));
}

#[test]
fn the_two_parts_share_no_family_and_leave_none_out() {
    let part = |half| {
        let choice = Choice {
            half: Some(half),
            ..Choice::default()
        };
        let kept = choice.apply(many()).into_iter();
        kept.map(|s| s.family)
            .filter(|f| !f.is_empty())
            .collect::<BTreeSet<_>>()
    };
    let (train, validate) = (part(Half::Train), part(Half::Validate));
    assert!(train.is_disjoint(&validate));
    assert_eq!(train.len() + validate.len(), 60);
    assert!((10..=30).contains(&validate.len()), "{}", validate.len());
}

#[test]
fn a_sample_is_drawn_from_each_side() {
    let choice = Choice {
        sample: Some(20),
        ..Choice::default()
    };
    let drawn = choice.apply(many());
    assert_eq!(drawn.iter().filter(|s| s.family.is_empty()).count(), 20);
    assert_eq!(drawn.len(), 40);
}
