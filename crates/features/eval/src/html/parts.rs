//! The tables of the page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_report::escape::html as escaped;

use crate::{Comparison, Kind, Package, Peer, Report, RuleHits, Share, Timing};

/// A table with a head; cells are HTML already, those of `numbers` stand right.
fn table(head: &[&str], numbers: &[usize], rows: impl Iterator<Item = Vec<String>>) -> String {
    let class = |i: usize| {
        if numbers.contains(&i) {
            " class=\"n\""
        } else {
            ""
        }
    };
    let mut out = String::from("<div class=\"wide\"><table>\n<tr>");
    for (index, cell) in head.iter().enumerate() {
        let _ = write!(out, "<th{}>{}</th>", class(index), escaped(cell));
    }
    out.push_str("</tr>\n");
    for row in rows {
        out.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let _ = write!(out, "<td{}>{cell}</td>", class(index));
        }
        out.push_str("</tr>\n");
    }
    out + "</table></div>\n"
}

fn share(share: &Share) -> String {
    format!(
        "{} ({:.2} %, {:.2}–{:.2})",
        share.hits,
        share.share * 100.0,
        share.interval.low * 100.0,
        share.interval.high * 100.0
    )
}

pub(super) fn selection(report: &Report) -> String {
    let chosen = &report.figures.selection;
    let mut parts = vec![format!("seed {}", chosen.seed)];
    if chosen.one_per_family {
        parts.push("one member of each family".into());
    }
    if let Some(split) = &chosen.split {
        parts.push(format!("the {} part of the families", escaped(split)));
    }
    if let Some(most) = chosen.sample {
        parts.push(format!("at most {most} of each side and kind"));
    }
    if chosen.left_out > 0 {
        parts.push(format!("stopped: {} packages not scanned", chosen.left_out));
    }
    format!(
        "<p class=\"soft\">{}<br><code>{}</code></p>\n",
        parts.join(" · "),
        escaped(&report.figures.rules_digest)
    )
}

pub(super) fn kinds(kinds: &BTreeMap<String, Kind>) -> String {
    table(
        &[
            "kind",
            "packages",
            "review or worse",
            "block",
            "incomplete",
            "failed",
        ],
        &[1, 4, 5],
        kinds.iter().map(|(name, kind)| {
            vec![
                escaped(name),
                kind.review.of.to_string(),
                share(&kind.review),
                share(&kind.block),
                kind.incomplete.to_string(),
                kind.failed.to_string(),
            ]
        }),
    )
}

pub(super) fn rules(rules: &[RuleHits]) -> String {
    let rows = rules.iter().map(|rule| {
        let kinds: Vec<String> = rule
            .benign
            .iter()
            .map(|(kind, n)| format!("{} {n}", escaped(kind)))
            .collect();
        vec![
            format!("<code>{}</code>", escaped(&rule.rule)),
            rule.families.to_string(),
            rule.artifacts.to_string(),
            rule.alone.to_string(),
            rule.needed.to_string(),
            rule.benign.values().sum::<usize>().to_string(),
            rule.benign_alone.to_string(),
            rule.benign_needed.to_string(),
            kinds.join(", "),
        ]
    });
    format!(
        "<h2>Rules</h2>\n<p><em>alone</em>: reaches review by itself; <em>needed</em>: without it the package would fall below review.</p>\n{}",
        table(
            &[
                "rule",
                "families",
                "artifacts",
                "alone",
                "needed",
                "benign",
                "alone",
                "needed",
                "by kind"
            ],
            &[1, 2, 3, 4, 5, 6, 7],
            rows
        )
    )
}

pub(super) fn packages(title: &str, list: &[&Package], listed: usize) -> String {
    if list.is_empty() {
        return String::new();
    }
    let rows = list.iter().take(listed).map(|package| {
        let mut why = package.best.as_ref().map_or_else(String::new, |best| {
            format!(
                "<code>{}</code> {:.3}: {} <code>{}</code>",
                escaped(&best.rule),
                best.weight,
                escaped(&best.message),
                escaped(&best.place)
            )
        });
        for reason in package.incomplete.iter().take(2) {
            let _ = write!(why, "<br>incomplete: {}", escaped(reason));
        }
        vec![
            format!("{:.3}", package.score),
            package.verdict.id().to_owned(),
            escaped(&package.kind),
            format!("<code>{}</code>", escaped(&package.name)),
            escaped(&package.family),
            why,
        ]
    });
    format!(
        "<details><summary>{} ({})</summary>\n{}</details>\n",
        escaped(title),
        list.len(),
        table(
            &[
                "score",
                "verdict",
                "kind",
                "package",
                "family",
                "heaviest finding"
            ],
            &[0],
            rows
        )
    )
}

pub(super) fn cost(timing: &Timing) -> String {
    let memory = timing.peak_memory.map_or_else(String::new, |m| {
        format!(" · {} MB at most in memory", m / 1_000_000)
    });
    let kinds = timing.kinds.iter().map(|(name, cost)| {
        vec![
            escaped(name),
            cost.packages.to_string(),
            format!("{:.2}", cost.cpu_s * 1e3 / cost.packages.max(1) as f64),
            format!("{:.1}", cost.unpacked as f64 / 1e6),
            format!("{:.1}", cost.wall_ms_median),
            format!("{:.1}", cost.wall_ms_p95),
            format!("{:.1}", cost.wall_ms_max),
        ]
    });
    let slow = timing.slowest.iter().map(|s| {
        vec![
            format!("{:.0}", s.wall_ms),
            format!("{:.0}", s.cpu_ms),
            format!("{:.2}", s.unpacked as f64 / 1e6),
            format!("<code>{}</code>", escaped(&s.name)),
        ]
    });
    format!(
        "<h2>Cost</h2>\n<p>{:.1} s on {} threads, {:.1} s of processor time · {:.0} packages/s · {:.1} MB/s packed, {:.1} MB/s unpacked{memory}</p>\n{}<details><summary>Slowest</summary>\n{}</details>\n",
        timing.wall_s,
        timing.jobs,
        timing.cpu_s,
        timing.packages_per_s,
        timing.packed_mb_per_s,
        timing.unpacked_mb_per_s,
        table(
            &[
                "",
                "packages",
                "cpu ms each",
                "MB unpacked",
                "ms median",
                "p95",
                "max"
            ],
            &[1, 2, 3, 4, 5, 6],
            kinds
        ),
        table(&["ms", "cpu ms", "MB", "package"], &[0, 1, 2], slow)
    )
}

pub(super) fn comparison(comparison: &Comparison) -> String {
    let mut out = format!(
        "<h2>Changes</h2>\n<p>{} packages in both, {} only before, {} only now.</p>\n",
        comparison.in_both, comparison.only_old, comparison.only_new
    );
    let percent = |share: f64| format!("{:.2} %", share * 100.0);
    for (title, moved) in [
        ("Figure", &comparison.shares),
        ("Family", &comparison.families),
    ] {
        if !moved.is_empty() {
            let row = |m: &crate::Moved| vec![escaped(&m.what), percent(m.old), percent(m.new)];
            out.push_str(&table(
                &[title, "before", "now"],
                &[1, 2],
                moved.iter().map(row),
            ));
        }
    }
    let pair = |(old, new): (usize, usize)| format!("{old} → {new}");
    if !comparison.rules.is_empty() {
        let rows = comparison.rules.iter().map(|r| {
            vec![
                format!("<code>{}</code>", escaped(&r.rule)),
                pair(r.families),
                pair(r.artifacts),
                pair(r.benign),
            ]
        });
        out.push_str(&table(
            &["rule", "families", "artifacts", "benign"],
            &[1, 2, 3],
            rows,
        ));
    }
    let rows = comparison.packages.iter().map(|p| {
        let side = if p.malicious { "malicious" } else { "benign" };
        let good = p.malicious == (p.verdict.1 > p.verdict.0);
        let mark = match (good, p.verdict.0.max(p.verdict.1) >= Verdict::Review) {
            (_, false) => "",
            (true, true) => "better",
            (false, true) => "worse",
        };
        vec![
            mark.to_owned(),
            side.to_owned(),
            format!("{} → {}", p.verdict.0, p.verdict.1),
            format!("{:.3} → {:.3}", p.score.0, p.score.1),
            format!("<code>{}</code>", escaped(&p.name)),
            escaped(&p.won.join(", ")),
            escaped(&p.lost.join(", ")),
        ]
    });
    out + &table(
        &[
            "",
            "side",
            "verdict",
            "score",
            "package",
            "fires now",
            "no longer fires",
        ],
        &[],
        rows,
    )
}

pub(super) fn peers(peers: &[Peer]) -> String {
    let rows = peers.iter().map(|peer| {
        let recall = |s: &Option<Share>| s.as_ref().map_or_else(|| "-".to_owned(), share);
        let benign: Vec<String> = peer
            .benign
            .iter()
            .map(|(kind, s)| format!("{}: {}", escaped(kind), share(s)))
            .collect();
        vec![
            escaped(&peer.name),
            recall(&peer.families),
            recall(&peer.artifacts),
            benign.join("<br>"),
            peer.failed.to_string(),
            peer.cpu_s
                .map_or_else(|| "-".to_owned(), |c| format!("{c:.1}")),
            format!("{:.1}", peer.wall_s),
        ]
    });
    format!(
        "<h2>Beside peers, on the same files in the same run</h2>\n{}",
        table(
            &[
                "",
                "family recall",
                "artifact recall",
                "false positives",
                "failed",
                "cpu s",
                "wall s"
            ],
            &[4, 5, 6],
            rows
        )
    )
}
