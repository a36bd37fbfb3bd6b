//! The figures.

use foretaste_eval::{Bars, Checked, compare, summarise, wilson};
use proptest::prelude::*;

use crate::support::{benign, example, malicious, outcome, settings, work};

#[test]
fn family_recall_counts_each_family_once() {
    let report = example();
    let bad = report.figures.malicious.as_ref().expect("a malicious side");
    // the stealer in one of two members, the dropper in its only one
    assert_eq!((bad.review.families.hits, bad.review.families.of), (1.5, 2));
    assert_eq!(
        (bad.review.artifacts.hits, bad.review.artifacts.of),
        (2.0, 3)
    );
    assert_eq!(
        (bad.block.families.hits, bad.block.artifacts.hits),
        (0.5, 1.0)
    );
    let wheels = &report.figures.benign["wheel"];
    assert_eq!(
        (wheels.review.hits, wheels.block.hits, wheels.review.of),
        (1.0, 0.0, 2)
    );
}

#[test]
fn a_rule_is_needed_where_nothing_else_reaches_review() {
    let report = example();
    let rule = |id: &str| {
        report
            .figures
            .rules
            .iter()
            .find(|r| r.rule == id)
            .expect("it fired")
    };
    let secrets = rule("secrets-to-network");
    assert_eq!((secrets.families, secrets.needed, secrets.alone), (2, 2, 2));
    assert_eq!((secrets.benign_needed, secrets.benign["wheel"]), (1, 2));
    // hygiene never carries a verdict
    assert_eq!(
        (
            rule("missing-license").families,
            rule("missing-license").needed
        ),
        (2, 0)
    );
}

#[test]
fn wilson_gives_the_published_values() {
    // R. G. Newcombe, Statistics in Medicine 17 (1998), table I: 81/263, 15/148, 0/20, 1/29
    for (hits, of, low, high) in [
        (81.0, 263, 0.2553, 0.3662),
        (15.0, 148, 0.0624, 0.1605),
        (0.0, 20, 0.0, 0.1611),
        (1.0, 29, 0.0061, 0.1718),
    ] {
        let interval = wilson(hits / f64::from(of), of as usize);
        assert!(
            (interval.low - low).abs() < 1e-4 && (interval.high - high).abs() < 1e-4,
            "{interval:?}"
        );
    }
}

proptest! {
    #[test]
    fn an_interval_holds_its_share(of in 1_usize..5_000, part in 0.0_f64..=1.0) {
        let interval = wilson(part, of);
        prop_assert!(0.0 <= interval.low && interval.high <= 1.0);
        prop_assert!(interval.low <= part + 1e-6 && part <= interval.high + 1e-6);
    }

    #[test]
    fn the_area_is_the_chance_that_a_malicious_score_is_higher(
        bad in proptest::collection::vec(0_u16..=20, 1..30),
        good in proptest::collection::vec(0_u16..=20, 1..30),
    ) {
        let score = |n: u16| f64::from(n) / 20.0;
        let mut done: Vec<_> = bad.iter().enumerate()
            .map(|(i, n)| (malicious(&format!("m{i}"), &format!("f{i}")), outcome("sdist", score(*n)))).collect();
        done.extend(good.iter().enumerate().map(|(i, n)| (benign(&format!("b{i}")), outcome("sdist", score(*n)))));
        let pairs = bad.iter().flat_map(|b| good.iter().map(move |g| (b, g)));
        let won: f64 = pairs.map(|(b, g)| match b.cmp(g) {
            std::cmp::Ordering::Greater => 1.0,
            std::cmp::Ordering::Equal => 0.5,
            std::cmp::Ordering::Less => 0.0,
        }).sum();
        let expected = won / (bad.len() * good.len()) as f64;
        let report = summarise(&work(done), &settings());
        prop_assert!((report.figures.roc.area - expected).abs() < 1e-5);
    }
}

#[test]
fn a_comparison_names_what_moved() {
    let old = example();
    let mut done = vec![
        (malicious("a/a-1.tar.gz", "stealer"), outcome("sdist", 0.95)),
        (malicious("b/b-1.tar.gz", "stealer"), outcome("sdist", 0.9)),
        (malicious("c/c-1.whl", "dropper"), outcome("wheel", 0.3)),
        (benign("good-1.whl"), outcome("wheel", 0.7)),
    ];
    done[1].1.rules.insert("reverse-shell".into(), 0.9);
    let new = summarise(&work(done), &settings());
    let changes = compare(&old, &new);
    assert_eq!(
        (changes.in_both, changes.only_old, changes.only_new),
        (4, 2, 0)
    );
    let moved: Vec<_> = changes
        .packages
        .iter()
        .map(|p| (&*p.name, p.won.join(" ")))
        .collect();
    assert_eq!(
        moved,
        [
            ("b/b-1.tar.gz", "reverse-shell".to_owned()),
            ("c/c-1.whl", String::new()),
            ("good-1.whl", String::new()),
        ]
    );
    let families: Vec<_> = changes
        .families
        .iter()
        .map(|m| (&*m.what, m.old, m.new))
        .collect();
    assert_eq!(families, [("dropper", 1.0, 0.0), ("stealer", 0.5, 1.0)]);
    assert!(
        changes
            .rules
            .iter()
            .any(|r| r.rule == "reverse-shell" && r.families == (0, 1))
    );
    assert_eq!(compare(&old, &old).packages, []);
}

#[test]
fn bars_are_checked_and_what_was_not_measured_is_not_missed() {
    let bars = Bars::parse(
        "bars.toml",
        "[recall.families]\nreview = { bar = 0.8 }\nblock = { bar = 0.2, aim = 0.3 }\n[false-positives.wheel]\nblock = { bar = 0.0 }\n[false-positives.gem]\nreview = { bar = 0.0 }\n",
    )
    .expect("valid");
    let checked = bars.check(&example());
    let missed: Vec<_> = checked
        .iter()
        .filter(|c| c.missed())
        .map(|c| &*c.what)
        .collect();
    assert_eq!(missed, ["family recall at review"]);
    assert_eq!(
        checked
            .iter()
            .filter(|c: &&Checked| c.measured.is_none())
            .count(),
        1
    );
    insta::assert_snapshot!(foretaste_eval::bars(&checked));
}

#[test]
fn a_wrong_key_in_the_bars_is_named_with_its_place() {
    let error = Bars::parse("bars.toml", "[recall.familys]\n")
        .expect_err("unknown")
        .to_string();
    assert!(
        error.contains("bars.toml") && error.contains("familys"),
        "{error}"
    );
}

#[test]
fn the_project_s_own_bars_can_be_read() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../evals/thresholds.toml");
    let text = foretaste_io::files::read_text(&path, 1 << 16).expect("it is there");
    assert!(Bars::parse("evals/thresholds.toml", &text).is_ok());
}
