//! For a person at a terminal: the figures first, then what they hang on.

mod changes;

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_report::escape::visible;

use crate::{Figures, Kind, Package, Report, Share, Timing};

/// Misses and false positives that are listed; all of them stand in the JSON.
const LISTED: usize = 40;

/// The report as text; `all` lists every miss and every rule.
pub fn human(report: &Report, all: bool) -> String {
    let mut out = String::new();
    let listed = if all { usize::MAX } else { LISTED };
    // writing to a string cannot fail
    let _ = figures(&mut out, &report.figures)
        .and_then(|()| rules(&mut out, &report.figures, all))
        .and_then(|()| lists(&mut out, &report.packages, listed))
        .and_then(|()| changes::comparison(&mut out, report.comparison.as_ref(), listed))
        .and_then(|()| changes::peers(&mut out, &report.peers))
        .and_then(|()| timing(&mut out, &report.timing));
    out
}

fn figures(out: &mut String, figures: &Figures) -> std::fmt::Result {
    let selection = &figures.selection;
    if selection.left_out > 0 {
        writeln!(
            out,
            "STOPPED: {} packages were not scanned\n",
            selection.left_out
        )?;
    }
    if let Some(bad) = &figures.malicious {
        let which = match (&selection.split, selection.one_per_family) {
            (Some(split), true) => format!(", {split} half, one of each family"),
            (Some(split), false) => format!(", {split} half"),
            (None, true) => ", one of each family".into(),
            (None, false) => String::new(),
        };
        writeln!(
            out,
            "malicious: {} artifacts of {} families{which}",
            bad.review.artifacts.of, bad.review.families.of
        )?;
        writeln!(
            out,
            "  recall              families                  artifacts"
        )?;
        for (name, recall) in [("review or worse", &bad.review), ("block", &bad.block)] {
            writeln!(
                out,
                "  {name:<18}  {:<24}  {}",
                percent(&recall.families),
                percent(&recall.artifacts)
            )?;
        }
        let verdicts: Vec<String> = Verdict::ALL
            .iter()
            .filter_map(|v| Some(format!("{} {v}", bad.verdicts.get(v)?)))
            .collect();
        writeln!(
            out,
            "  verdicts            {} · {} incomplete, {} failed",
            verdicts.join(" · "),
            bad.incomplete,
            bad.failed
        )?;
        if bad.kinds.len() > 1 {
            by_kind(out, &bad.kinds)?;
        }
        out.push('\n');
    }
    if !figures.benign.is_empty() {
        let count: usize = figures.benign.values().map(|k| k.review.of).sum();
        writeln!(out, "benign: {count} packages, false positives by kind")?;
        by_kind(out, &figures.benign)?;
        out.push('\n');
    }
    if !figures.roc.points.is_empty() {
        writeln!(out, "score: area under the curve {:.4}", figures.roc.area)?;
        for most in [0.0, 0.005, 0.01, 0.02, 0.05] {
            let point = figures
                .roc
                .points
                .iter()
                .rev()
                .find(|p| p.false_positives <= most);
            if let Some(point) = point {
                writeln!(
                    out,
                    "  at most {:>4.1} % false positives: {:>5.1} % of families, from score {:.3}",
                    most * 100.0,
                    point.recall * 100.0,
                    point.threshold
                )?;
            }
        }
        out.push('\n');
    }
    Ok(())
}

fn by_kind(out: &mut String, kinds: &std::collections::BTreeMap<String, Kind>) -> std::fmt::Result {
    writeln!(out, "  kind          of  review or worse             block")?;
    for (name, kind) in kinds {
        let mut odd = String::new();
        if kind.incomplete > 0 {
            write!(odd, "  {} incomplete", kind.incomplete)?;
        }
        if kind.failed > 0 {
            write!(odd, "  {} failed", kind.failed)?;
        }
        writeln!(
            out,
            "  {:<10} {:>5}  {:<26}  {}{odd}",
            visible(name),
            kind.review.of,
            counted(&kind.review),
            counted(&kind.block)
        )?;
    }
    Ok(())
}

fn percent(share: &Share) -> String {
    format!(
        "{:>5.1} % ({:.1}–{:.1})",
        share.share * 100.0,
        share.interval.low * 100.0,
        share.interval.high * 100.0
    )
}

fn counted(share: &Share) -> String {
    format!("{:>4}  {}", share.hits, percent(share))
}

fn rules(out: &mut String, figures: &Figures, all: bool) -> std::fmt::Result {
    if figures.rules.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "rules: families and artifacts hit; families where it alone reaches review; that need it; benign hits"
    )?;
    let width = figures
        .rules
        .iter()
        .map(|r| r.rule.len())
        .max()
        .unwrap_or(0);
    writeln!(
        out,
        "  {:width$}  families  artifacts  alone  needed  benign  alone  needed",
        "rule"
    )?;
    for rule in &figures.rules {
        let benign: usize = rule.benign.values().sum();
        if !all && rule.families == 0 && benign == 0 {
            continue;
        }
        let kinds: Vec<String> = rule
            .benign
            .iter()
            .map(|(k, n)| format!("{k} {n}"))
            .collect();
        writeln!(
            out,
            "  {:width$}  {:>8}  {:>9}  {:>5}  {:>6}  {benign:>6}  {:>5}  {:>6}  {}",
            rule.rule,
            rule.families,
            rule.artifacts,
            rule.alone,
            rule.needed,
            rule.benign_alone,
            rule.benign_needed,
            kinds.join(", ")
        )?;
    }
    out.push('\n');
    Ok(())
}

fn lists(out: &mut String, packages: &[Package], listed: usize) -> std::fmt::Result {
    let of = |malicious: bool| {
        packages.iter().filter(move |p| {
            p.malicious == malicious && ((p.verdict >= Verdict::Review) != malicious)
        })
    };
    let mut false_positives: Vec<_> = of(false).collect();
    false_positives.sort_by(|a, b| {
        b.score
            .total_cmp(&a.score)
            .then_with(|| a.name.cmp(&b.name))
    });
    let mut misses: Vec<_> = of(true).collect();
    misses.sort_by(|a, b| {
        a.score
            .total_cmp(&b.score)
            .then_with(|| a.name.cmp(&b.name))
    });
    list(out, "false positives", &false_positives, listed)?;
    list(out, "misses", &misses, listed)
}

fn list(out: &mut String, title: &str, packages: &[&Package], listed: usize) -> std::fmt::Result {
    if packages.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title}: {}", packages.len())?;
    for package in packages.iter().take(listed) {
        let family = if package.family.is_empty() || package.family == package.name {
            String::new()
        } else {
            format!("  [{}]", visible(&package.family))
        };
        writeln!(
            out,
            "  {:5.3} {:<10} {}{family}",
            package.score,
            package.verdict.id(),
            visible(&package.name)
        )?;
        if let Some(best) = &package.best {
            writeln!(
                out,
                "        {} {:.3}: {}  {}",
                best.rule,
                best.weight,
                visible(&best.message),
                visible(&best.place)
            )?;
        }
        if let Some(reason) = package.incomplete.first() {
            writeln!(out, "        incomplete: {}", visible(reason))?;
        }
    }
    if packages.len() > listed {
        writeln!(
            out,
            "  … {} more (all: -v, or the JSON)",
            packages.len() - listed
        )?;
    }
    out.push('\n');
    Ok(())
}

fn timing(out: &mut String, timing: &Timing) -> std::fmt::Result {
    writeln!(
        out,
        "cost: {:.1} s on {} threads, {:.1} s of processor time · {:.0} packages/s · {:.1} MB/s packed, {:.1} MB/s unpacked{}",
        timing.wall_s,
        timing.jobs,
        timing.cpu_s,
        timing.packages_per_s,
        timing.packed_mb_per_s,
        timing.unpacked_mb_per_s,
        timing.peak_memory.map_or_else(String::new, |m| format!(
            " · {} MB at most in memory",
            m / 1_000_000
        ))
    )?;
    writeln!(
        out,
        "  {:<20}  packages  cpu ms each  MB unpacked  ms median     p95      max",
        ""
    )?;
    for (name, cost) in &timing.kinds {
        writeln!(
            out,
            "  {:<20}  {:>8}  {:>11.2}  {:>11.1}  {:>9.1}  {:>6.1}  {:>7.1}",
            visible(name),
            cost.packages,
            cost.cpu_s * 1e3 / cost.packages.max(1) as f64,
            cost.unpacked as f64 / 1e6,
            cost.wall_ms_median,
            cost.wall_ms_p95,
            cost.wall_ms_max
        )?;
    }
    for slow in timing.slowest.iter().take(3) {
        writeln!(
            out,
            "  slow: {:.0} ms  {}",
            slow.wall_ms,
            visible(&slow.name)
        )?;
    }
    Ok(())
}
