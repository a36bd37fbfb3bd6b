//! JUnit XML, which every build server draws: a test case for each release, failed if its verdict asks for a person.

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_model::report::{ReleaseReport, Report};

use crate::escape::html;
use crate::select;

/// Renders a report as one test suite.
pub fn render(report: &Report) -> String {
    let summary = report.summary;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"foretaste\" tests=\"{}\" \
         failures=\"{}\" errors=\"{}\" skipped=\"0\">\n",
        report.releases.len(),
        summary.block + summary.review,
        summary.incomplete,
    );
    for release in &report.releases {
        case(&mut out, release);
    }
    out.push_str("</testsuite>\n</testsuites>\n");
    out
}

fn case(out: &mut String, release: &ReleaseReport) {
    let ecosystem = release.ecosystem.map_or("local", |e| e.id());
    let _ = write!(
        out,
        "<testcase classname=\"foretaste.{ecosystem}\" name=\"{}\"",
        html(&select::title(release))
    );
    let element = match release.verdict {
        Verdict::Block | Verdict::Review => "failure",
        Verdict::Incomplete => "error",
        Verdict::Note | Verdict::Clear => {
            out.push_str("/>\n");
            return;
        }
    };
    let message = select::sentence(release).unwrap_or_else(|| select::tasted(release));
    let _ = writeln!(
        out,
        ">\n<{element} type=\"{}\" message=\"{}\">",
        release.verdict,
        html(&message)
    );
    for rule in select::deciding(release) {
        let finding = rule.first;
        let placed = finding.evidence.first().filter(|e| !e.path.is_empty());
        let place = placed.map_or_else(String::new, |e| {
            let line = e.span.map_or_else(String::new, |s| format!(":{}", s.line));
            format!(" ({}{line})", html(&e.path))
        });
        let _ = writeln!(
            out,
            "{}: {}{place}",
            html(&finding.rule),
            html(&finding.message)
        );
    }
    if let Some(advice) = select::advice(release) {
        let _ = writeln!(out, "Do this: {}", html(advice));
    }
    let _ = writeln!(out, "</{element}>\n</testcase>");
}
