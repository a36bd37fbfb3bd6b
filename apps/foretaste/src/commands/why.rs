//! `foretaste audit --why`: a score, taken apart.

use std::fmt::Write as _;

use foretaste_engine::{Explanation, Part, Scale, Share};
use foretaste_model::report::{ReleaseReport, Report};
use foretaste_model::words::counted;
use foretaste_model::{Evidence, EvidenceRole, RuleGroup};
use foretaste_policy::Thresholds;
use foretaste_report::escape;

/// Findings below this weight are counted, not listed.
const SHOWN: f64 = 0.05;

/// Renders the reasons of every release of a report, as plain text.
pub(crate) fn render(report: &Report, thresholds: Thresholds) -> String {
    let mut out = String::new();
    for release in &report.releases {
        // writing to a string cannot fail
        let _ = one(&mut out, release, thresholds);
    }
    out
}

fn one(out: &mut String, release: &ReleaseReport, thresholds: Thresholds) -> std::fmt::Result {
    let group = |rule: &str| foretaste_rules::meta(rule).map_or(RuleGroup::Hygiene, |m| m.group);
    let explanation = Explanation::of(&release.findings, group);
    writeln!(
        out,
        "\nWhy {} scores {:.3}  (review from {:.2}, block from {:.2})",
        escape::visible(&release.target),
        explanation.score,
        thresholds.review,
        thresholds.block
    )?;
    let (mut small, mut elsewhere) = (0, 0);
    for share in &explanation.shares {
        match share.part {
            Part::Repeats => {}
            Part::Elsewhere => elsewhere += usize::from(share.weight >= SHOWN),
            _ if share.weight < SHOWN && share.part != Part::Waived => small += 1,
            _ => line(out, share)?,
        }
    }
    if small > 0 {
        writeln!(
            out,
            "  and {} of less weight than {SHOWN:.2}",
            counted(small, "finding")
        )?;
    }
    if elsewhere > 0 {
        writeln!(
            out,
            "  and {} in files of less weight; code that waits to be called adds up within one file",
            counted(elsewhere, "finding")
        )?;
    }
    sum(out, &explanation)
}

fn line(out: &mut String, share: &Share<'_>) -> std::fmt::Result {
    let finding = share.finding;
    let context = finding
        .context
        .map_or_else(|| "always".to_owned(), |c| c.phrase().to_owned());
    let note = match share.part {
        Part::Hygiene => "  (hygiene)",
        Part::Waived => "  (waived)",
        Part::Accuses | Part::Repeats | Part::Elsewhere => "",
    };
    let size = if share.size < 1.0 {
        format!(" × in a large package {:.2}", share.size)
    } else {
        String::new()
    };
    writeln!(
        out,
        "  {:.3}  {} = {} {:.2} × {} confidence {:.2} × {context} {:.3}{size}{note}",
        share.weight,
        escape::visible(&finding.rule),
        finding.severity.id(),
        share.severity,
        finding.confidence.id(),
        share.confidence,
        share.context,
    )?;
    for evidence in finding.evidence.iter().take(8) {
        fact(out, evidence)?;
    }
    Ok(())
}

fn fact(out: &mut String, evidence: &Evidence) -> std::fmt::Result {
    let role = match evidence.role {
        EvidenceRole::Source => "source",
        EvidenceRole::Transform => "transform",
        EvidenceRole::Sink => "sink",
        EvidenceRole::Trigger => "trigger",
        EvidenceRole::Site => "fact",
    };
    let place = match (evidence.path.is_empty(), evidence.span) {
        (true, _) => String::new(),
        (false, Some(span)) => format!("{}:{}:{}", evidence.path, span.line, span.column),
        (false, None) => evidence.path.to_string(),
    };
    let layers = if evidence.layer.is_empty() {
        String::new()
    } else {
        format!("[layers: {}]", evidence.layer.join(" → "))
    };
    let note = if evidence.note.is_empty() {
        evidence.snippet.trim()
    } else {
        &evidence.note
    };
    let line = format!(
        "           {role:<9} {}  {}  {}",
        escape::visible(&place),
        escape::visible(note),
        escape::visible(&layers)
    );
    writeln!(out, "{}", line.trim_end())
}

/// The sum, as it is formed.
fn sum(out: &mut String, explanation: &Explanation<'_>) -> std::fmt::Result {
    let weights: Vec<String> = explanation
        .shares
        .iter()
        .filter(|s| s.part == Part::Accuses && s.weight > 0.0)
        .map(|s| format!("(1 − {:.3})", s.weight))
        .collect();
    if !weights.is_empty() {
        writeln!(
            out,
            "  1 − {} = {:.3}",
            weights.join(" × "),
            explanation.accusing
        )?;
    }
    if explanation.hygiene > 0.0 {
        writeln!(
            out,
            "  hygiene alone adds up to {:.3}; never more than {:.2} counts",
            explanation.hygiene,
            Scale::HYGIENE_CEILING
        )?;
    }
    Ok(())
}
