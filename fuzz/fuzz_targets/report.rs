//! Every renderer on a report whose texts are arbitrary. Zero bytes of the input part the texts.
#![no_main]

use foretaste_model::report::{Checks, NotTasted, Report, ReleaseReport, Subject, SCHEMA, Summary, Tool};
use foretaste_model::{Confidence, Ecosystem, Evidence, EvidenceRole, ExecutionContext, Finding, Severity, Span, Verdict};
use foretaste_report::{Detail, Options, escape, human, json, markdown, sarif};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    let report = report(&text);
    let rules = |_: &str| None;
    for ascii in [false, true] {
        let options = Options { width: 40 + input.len() % 100, color: false, ascii, detail: Detail::Verbose };
        let drawn = human::render(&report, &rules, options);
        check("human", &drawn);
        assert!(!ascii || drawn.is_ascii());
    }
    check("markdown", &markdown::render(&report, &rules));
    check("sarif", &sarif::render(&report, &rules).expect("data"));
    let data = json::render(&report).expect("data");
    check("json", &data);
});

/// Nothing that acts on a terminal or hides from the eye came through.
fn check(format: &str, text: &str) {
    let act = |c: &char| !matches!(c, '\n' | '\t') && !escape::is_inert(*c);
    assert_eq!(text.chars().find(act), None, "in {format}");
}

fn report(text: &str) -> Report {
    let texts: Vec<&str> = text.split('\0').collect();
    let mut next = texts.iter().copied().cycle();
    let mut text = || next.next().unwrap_or("");
    let span = Span { line: 3, column: 2, end_line: 3 + text().len() as u32 % 3, end_column: 9 };
    let mut findings = Vec::new();
    for (weight, role) in [(0.9, EvidenceRole::Source), (0.1, EvidenceRole::Sink)] {
        let place = Evidence {
            artifact: text().into(),
            path: text().into(),
            span: Some(span),
            layer: vec![text().into()],
            snippet: text().into(),
            snippet_column: 1 + text().len() as u32 % 4,
            note: text().into(),
            role,
        };
        findings.push(Finding {
            rule: text().into(),
            message: text().into(),
            severity: Severity::High,
            confidence: Confidence::High,
            weight,
            context: Some(ExecutionContext::Install),
            evidence: vec![place.clone(), place, Evidence::statement(text())],
            remedy: Some(text().into()),
            waived: (weight < 0.5).then(|| text().into()),
        });
    }
    let release = ReleaseReport {
        target: text().into(),
        ecosystem: Some(Ecosystem::Npm),
        name: text().into(),
        version: Some(text().into()),
        purl: Some(text().into()),
        verdict: Verdict::Block,
        score: 0.9,
        incomplete: vec![text().into()],
        published: None,
        compared_with: Some(text().into()),
        change: None,
        artifacts: Vec::new(),
        not_tasted: vec![NotTasted { filename: text().into(), reason: text().into() }],
        findings,
        capabilities: Vec::new(),
        checks: Checks::default(),
        advice: Some(text().into()),
        wanted_by: Vec::new(),
        moved: None,
        subject: Subject::Release,
    };
    let releases = vec![release];
    Report {
        schema: SCHEMA.into(),
        tool: Tool { name: "foretaste".into(), version: "0.0.0".into(), rules: "".into() },
        summary: Summary::of(&releases),
        releases,
        policy_notes: vec![text().into()],
        since: Vec::new(),
    }
}
