//! Whatever a package contains, nothing but text and line breaks leaves the renderers for people.

use foretaste_model::report::{NotTasted, Report};
use foretaste_model::{
    Ecosystem, Evidence, EvidenceRole, ExecutionContext, Finding, Severity, Span, Verdict,
};
use foretaste_report::{Detail, Options, escape, human, json, markdown, sarif};
use proptest::prelude::*;

use crate::reports::*;

/// Text that attacks: any characters, with those that do harm far more often than chance has them.
fn text() -> impl Strategy<Value = Box<str>> {
    let bad = prop::sample::select(vec![
        "\u{1b}[31m",
        "\u{9b}",
        "\r",
        "\n",
        "\t",
        "\u{202e}",
        "\u{200b}",
        "\u{feff}",
        "\u{0}",
        "```",
        "|",
        "<b>",
        "[x](y)",
        "@me",
        "\u{301}",
        "名",
        "🦀",
        " ",
        "`",
        "\u{e0041}",
        "a long word",
    ]);
    let any = any::<char>().prop_map(|c| c.to_string());
    prop::collection::vec(prop_oneof![bad.prop_map(str::to_owned), any], 0..40)
        .prop_map(|parts| parts.concat().into())
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let place = (0..200u32, 0..300u32, 0..200u32, 0..300u32);
    let span = prop::option::of(prop_oneof![
        place.prop_map(|(line, column, end_line, end_column)| Span {
            line,
            column,
            end_line,
            end_column
        }),
        Just(Span {
            line: u32::MAX,
            column: u32::MAX,
            end_line: 0,
            end_column: 0
        }),
    ]);
    let role = prop::sample::select(vec![
        EvidenceRole::Source,
        EvidenceRole::Sink,
        EvidenceRole::Trigger,
    ]);
    let layer = prop::collection::vec(text(), 0..3);
    (
        text(),
        text(),
        span,
        layer,
        text(),
        prop_oneof![Just(1), any::<u32>()],
        text(),
        role,
    )
        .prop_map(
            |(artifact, path, span, layer, snippet, snippet_column, note, role)| Evidence {
                artifact,
                path,
                span,
                layer,
                snippet,
                snippet_column,
                note,
                role,
            },
        )
}

fn finding() -> impl Strategy<Value = Finding> {
    let rule = prop_oneof![Just(Box::from("secrets-to-network")), text()];
    let waived = prop::option::of(text());
    (
        rule,
        text(),
        prop::collection::vec(evidence(), 0..6),
        waived,
        0.0..1.0,
    )
        .prop_map(|(rule, message, evidence, waived, weight)| Finding {
            rule,
            message,
            severity: Severity::High,
            confidence: foretaste_model::Confidence::High,
            weight,
            share: 1.0,
            context: Some(ExecutionContext::Install),
            evidence,
            remedy: None,
            waived,
        })
}

fn any_report() -> impl Strategy<Value = Report> {
    let findings = prop::collection::vec(finding(), 0..4);
    let verdict = prop::sample::select(Verdict::ALL.to_vec());
    (
        text(),
        text(),
        findings,
        verdict,
        prop::collection::vec(text(), 0..3),
        text(),
    )
        .prop_map(|(name, version, findings, verdict, incomplete, advice)| {
            let mut release = clear(Ecosystem::Npm, "x", "1");
            release.target.clone_from(&name);
            release.name = name;
            release.version = Some(version);
            release.score = findings.iter().map(|f| f.weight).fold(0.0, f64::max);
            release.findings = findings;
            release.verdict = verdict;
            release.not_tasted = incomplete
                .iter()
                .map(|reason| NotTasted {
                    filename: reason.clone(),
                    reason: reason.clone(),
                })
                .collect();
            release.incomplete = incomplete;
            release.advice = Some(advice.clone());
            let mut report = report(vec![release]);
            report.policy_notes = vec![advice];
            report
        })
}

fn is_clean(text: &str) -> bool {
    text.chars().all(|c| c == '\n' || escape::is_inert(c))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nothing_but_inert_text_leaves_any_renderer(report in any_report(), width in 0..250usize, verbose: bool) {
        let detail = if verbose { Detail::Verbose } else { Detail::Normal };
        let options = Options { width, detail, ..Options::default() };
        prop_assert!(is_clean(&human::render(&report, &rules, options)));
        prop_assert!(is_clean(&markdown::render(&report, &rules)));
        prop_assert!(is_clean(&json::render(&report).unwrap()));
        prop_assert!(is_clean(&sarif::render(&report, &rules).unwrap()));
    }

    #[test]
    fn no_line_is_wider_than_the_terminal(report in any_report(), width in 40..200usize) {
        let options = Options { width, ..Options::default() };
        for line in human::render(&report, &rules, options).lines() {
            prop_assert!(textwrap::core::display_width(line) <= width, "{line}");
        }
    }

    #[test]
    fn without_unicode_all_is_ascii(report in any_report()) {
        let options = Options { ascii: true, ..Options::default() };
        prop_assert!(human::render(&report, &rules, options).is_ascii());
    }

    #[test]
    fn colour_adds_nothing_but_colour(report in any_report()) {
        let plain = human::render(&report, &rules, Options::default());
        let color = human::render(&report, &rules, Options { color: true, ..Options::default() });
        prop_assert_eq!(anstream::adapter::strip_str(&color).to_string(), plain);
    }
}
