//! The report as one HTML page; everything from packages is escaped.

mod parts;

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_report::escape::html as escaped;
use foretaste_report::page;
use foretaste_report::page::plot::{self, Bar};

use crate::{Kind, Package, Report, Share};

/// Packages listed in each table; all of them stand in the JSON.
const LISTED: usize = 1_000;
/// Columns of the histogram of scores.
const COLUMNS: usize = 50;

/// The report as a page. `review` and `block` are the scores at which these verdicts begin.
pub fn html(report: &Report, review: f64, block: f64) -> String {
    let figures = &report.figures;
    let title = format!("Foretaste {}: detection", figures.version);
    let mut out = page::begin(&title);
    let _ = writeln!(out, "<h1>{}</h1>", escaped(&title));
    out.push_str(&parts::selection(report));
    recall(&mut out, report);
    false_positives(&mut out, report);
    scores(&mut out, report, (review, block));
    if let Some(comparison) = &report.comparison {
        out.push_str(&parts::comparison(comparison));
    }
    if !report.peers.is_empty() {
        out.push_str(&parts::peers(&report.peers));
    }
    out.push_str(&parts::rules(&figures.rules));
    packages(&mut out, report);
    out.push_str(&parts::cost(&report.timing));
    out.push_str(page::END);
    out
}

fn bar(label: String, share: &Share, second: bool) -> Bar {
    Bar {
        label,
        share: share.share,
        low: share.interval.low,
        high: share.interval.high,
        second,
    }
}

fn recall(out: &mut String, report: &Report) {
    let Some(bad) = &report.figures.malicious else {
        return;
    };
    let rows = [
        bar(
            "families, review or worse".into(),
            &bad.review.families,
            false,
        ),
        bar("families, block".into(), &bad.block.families, true),
        bar(
            "artifacts, review or worse".into(),
            &bad.review.artifacts,
            false,
        ),
        bar("artifacts, block".into(), &bad.block.artifacts, true),
    ];
    let _ = write!(
        out,
        "<h2>Recall</h2>\n<p>{} artifacts of {} families. Family recall is the expected share of families of which a random member gets the verdict. Lines are 95 % intervals.</p>\n{}\n",
        bad.review.artifacts.of,
        bad.review.families.of,
        plot::bars("Recall", &rows, 1.0)
    );
    out.push_str(&parts::kinds(&bad.kinds));
}

fn false_positives(out: &mut String, report: &Report) {
    let kinds = &report.figures.benign;
    if kinds.is_empty() {
        return;
    }
    let rows: Vec<Bar> = kinds
        .iter()
        .flat_map(|(name, kind): (&String, &Kind)| {
            [
                bar(format!("{name}, review or worse"), &kind.review, false),
                bar(format!("{name}, block"), &kind.block, true),
            ]
        })
        .collect();
    let most = rows.iter().map(|b| b.high).fold(0.05, f64::max);
    let _ = write!(
        out,
        "<h2>False positives</h2>\n{}\n",
        plot::bars("False positives by kind", &rows, most)
    );
    out.push_str(&parts::kinds(kinds));
}

fn scores(out: &mut String, report: &Report, (review, block): (f64, f64)) {
    let histogram = |malicious: bool| {
        let mut columns = vec![0.0; COLUMNS];
        for package in report.packages.iter().filter(|p| p.malicious == malicious) {
            let at = ((package.score * COLUMNS as f64) as usize).min(COLUMNS - 1);
            if let Some(column) = columns.get_mut(at) {
                *column += 1.0;
            }
        }
        columns
    };
    let marks = [(review, "review"), (block, "block")];
    let _ = write!(
        out,
        "<h2>Score</h2>\n<p>How many packages have which score: malicious ones above the line, benign ones below, each side on its own scale.</p>\n{}\n",
        plot::mirrored("Scores", &histogram(true), &histogram(false), &marks)
    );
    let roc = &report.figures.roc;
    if roc.points.is_empty() {
        return;
    }
    let points: Vec<(f64, f64)> = roc
        .points
        .iter()
        .map(|p| (p.false_positives, p.recall))
        .collect();
    let axes = ("benign packages accused", "families caught");
    let _ = write!(
        out,
        "<p>Area under the curve {:.4}; right, its first twentieth.</p>\n<div class=\"plots\">{}{}</div>\n",
        roc.area,
        plot::curve("Recall over false positives", &points, 1.0, axes),
        plot::curve("The same up to 5 % of false positives", &points, 0.05, axes)
    );
}

fn packages(out: &mut String, report: &Report) {
    let of = |malicious: bool| -> Vec<&Package> {
        let wrong = |p: &&Package| {
            p.malicious == malicious && ((p.verdict >= Verdict::Review) != malicious)
        };
        report.packages.iter().filter(wrong).collect()
    };
    let mut accused = of(false);
    accused.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.name.cmp(&b.name))
    });
    let mut missed = of(true);
    missed.sort_by(|a, b| {
        a.score
            .total_cmp(&b.score)
            .then_with(|| a.name.cmp(&b.name))
    });
    let incomplete: Vec<&Package> = report
        .packages
        .iter()
        .filter(|p| !p.incomplete.is_empty())
        .collect();
    for (title, list) in [
        ("False positives", accused),
        ("Misses", missed),
        ("Not vetted in full", incomplete),
    ] {
        out.push_str(&parts::packages(title, &list, LISTED));
    }
}
