//! What a person sees.

use foretaste_model::report::{ReleaseReport, Report};
use foretaste_model::{Ecosystem, SkipKind};
use foretaste_report::{Detail, Options, human};

use crate::reports::*;

fn show(report: &Report, options: Options) -> String {
    human::render(report, &rules, options)
}

fn at(width: usize) -> Options {
    Options {
        width,
        ..Options::default()
    }
}

pub(crate) fn everything() -> Report {
    let mut report = report(vec![
        exfiltration(),
        layered(),
        incomplete(),
        nomination(),
        noted(),
        waived(),
        clear(Ecosystem::Pypi, "requests", "2.32.4"),
        clear(Ecosystem::Npm, "@babel/core", "7.28.0"),
    ]);
    report.policy_notes =
        vec!["the waiver of `old-rule` for pkg:npm/x expired on 2025-01-01".into()];
    report
}

/// One snapshot for each report at 80 columns.
#[test]
fn reports_at_eighty_columns() {
    let cases: [(&str, ReleaseReport); 10] = [
        ("exfiltration", exfiltration()),
        ("layered", layered()),
        ("incomplete", incomplete()),
        ("nomination", nomination()),
        ("noted", noted()),
        ("waived", waived()),
        ("clear", clear(Ecosystem::Pypi, "requests", "2.32.4")),
        ("hostile", hostile()),
        ("minified", minified()),
        ("multiline", multiline()),
    ];
    for (name, release) in cases {
        insta::assert_snapshot!(name, show(&report(vec![release]), at(80)));
    }
}

#[test]
fn everything_at_several_widths() {
    for width in [40, 50, 80, 120] {
        insta::assert_snapshot!(format!("width_{width}"), show(&everything(), at(width)));
    }
}

#[test]
fn everything_quiet_verbose_ascii_and_coloured() {
    let with = |detail| Options { detail, ..at(80) };
    insta::assert_snapshot!("quiet", show(&everything(), with(Detail::Quiet)));
    insta::assert_snapshot!("verbose", show(&everything(), with(Detail::Verbose)));
    let ascii = Options {
        ascii: true,
        ..at(80)
    };
    insta::assert_snapshot!("ascii", show(&everything(), ascii));
    let color = Options {
        color: true,
        ..at(80)
    };
    let text = show(&report(vec![exfiltration()]), color);
    insta::assert_snapshot!("color", text.replace('\u{1b}', "␛"));
}

#[test]
fn a_long_note_on_decoded_text_keeps_to_the_width() {
    let mut release = layered();
    for evidence in &mut release.findings[0].evidence {
        evidence.snippet = format!("        {}", evidence.snippet).into();
        evidence.snippet_column = 9;
        evidence.note = "says a lot ".repeat(20).into();
    }
    for width in 40..200 {
        for line in show(&report(vec![release.clone()]), at(width)).lines() {
            assert!(textwrap::core::display_width(line) <= width, "{line}");
        }
    }
}

#[test]
fn checks_that_leave_no_gap_are_counted_but_not_held_against_a_clear_release() {
    let mut release = clear(Ecosystem::Npm, "axios", "1.9.0");
    release.checks.skipped = vec![
        skip("yanked", SkipKind::NotApplicable, "npm has no yanking"),
        skip("few-downloads", SkipKind::Disabled, "not asked for"),
    ];
    insta::assert_snapshot!("no_gap", show(&report(vec![release]), at(80)));
}
