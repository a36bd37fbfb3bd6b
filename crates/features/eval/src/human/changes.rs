//! What changed, and how peers fared, as text.

use std::fmt::Write as _;

use foretaste_model::Verdict;
use foretaste_report::escape::visible;

use crate::{Comparison, PackageMoved, Peer, Share};

/// Packages that moved alike: the title, their side, who belongs.
type Group = (&'static str, bool, fn(&PackageMoved) -> bool);

/// What changed since an older evaluation.
pub(super) fn comparison(
    out: &mut String,
    comparison: Option<&Comparison>,
    listed: usize,
) -> std::fmt::Result {
    let Some(comparison) = comparison else {
        return Ok(());
    };
    writeln!(
        out,
        "changes: {} packages in both, {} only before, {} only now",
        comparison.in_both, comparison.only_old, comparison.only_new
    )?;
    for moved in &comparison.shares {
        writeln!(
            out,
            "  {:<28}  {:>7.2} % → {:>6.2} %  ({:+.2})",
            visible(&moved.what),
            moved.old * 100.0,
            moved.new * 100.0,
            (moved.new - moved.old) * 100.0
        )?;
    }
    let mut families: Vec<_> = comparison.families.iter().collect();
    families.sort_by(|a, b| {
        (a.new - a.old)
            .total_cmp(&(b.new - b.old))
            .then_with(|| a.what.cmp(&b.what))
    });
    let (worse, better): (Vec<_>, Vec<_>) = families.into_iter().partition(|m| m.new < m.old);
    for (title, moved) in [("families worse", worse), ("families better", better)] {
        if moved.is_empty() {
            continue;
        }
        writeln!(out, "  {title}: {}", moved.len())?;
        for family in moved.iter().take(listed) {
            writeln!(
                out,
                "    {:>5.1} % → {:>5.1} %  {}",
                family.old * 100.0,
                family.new * 100.0,
                visible(&family.what)
            )?;
        }
    }
    for rule in &comparison.rules {
        writeln!(
            out,
            "  rule {:<30}  families {} → {}, artifacts {} → {}, benign {} → {}",
            rule.rule,
            rule.families.0,
            rule.families.1,
            rule.artifacts.0,
            rule.artifacts.1,
            rule.benign.0,
            rule.benign.1
        )?;
    }
    let moved = &comparison.packages;
    let groups: [Group; 8] = [
        ("new false positives", false, |p| p.rose_to(Verdict::Review)),
        ("newly missed", true, |p| p.fell_below(Verdict::Review)),
        ("benign now blocked", false, |p| p.rose_to(Verdict::Block)),
        ("no longer blocked", true, |p| p.fell_below(Verdict::Block)),
        ("newly caught", true, |p| p.rose_to(Verdict::Review)),
        ("newly blocked", true, |p| p.rose_to(Verdict::Block)),
        ("no longer false positives", false, |p| {
            p.fell_below(Verdict::Review)
        }),
        ("benign no longer blocked", false, |p| {
            p.fell_below(Verdict::Block)
        }),
    ];
    for (title, malicious, belongs) in groups {
        let group: Vec<_> = moved
            .iter()
            .filter(|p| p.malicious == malicious && belongs(p))
            .collect();
        packages(out, title, &group, listed)?;
    }
    out.push('\n');
    Ok(())
}

fn packages(
    out: &mut String,
    title: &str,
    group: &[&PackageMoved],
    listed: usize,
) -> std::fmt::Result {
    if group.is_empty() {
        return Ok(());
    }
    writeln!(out, "  {title}: {}", group.len())?;
    for package in group.iter().take(listed) {
        let change = |mark: &str, rules: &[String]| -> String {
            rules
                .iter()
                .map(|r| format!(" {mark}{}", visible(r)))
                .collect()
        };
        writeln!(
            out,
            "    {:.3} → {:.3}  {}{}{}",
            package.score.0,
            package.score.1,
            visible(&package.name),
            change("+", &package.won),
            change("-", &package.lost)
        )?;
    }
    if group.len() > listed {
        writeln!(out, "    … {} more", group.len() - listed)?;
    }
    Ok(())
}

/// Foretaste beside its peers.
pub(super) fn peers(out: &mut String, peers: &[Peer]) -> std::fmt::Result {
    if peers.is_empty() {
        return Ok(());
    }
    writeln!(out, "beside peers, on the same files in the same run")?;
    let show = |share: &Option<Share>| {
        share.map_or_else(
            || "-".to_owned(),
            |s| format!("{:.1} % ({} of {})", s.share * 100.0, s.hits, s.of),
        )
    };
    for peer in peers {
        writeln!(out, "  {} ({})", peer.name, peer.accuses)?;
        writeln!(
            out,
            "    recall: families {}, artifacts {}",
            show(&peer.families),
            show(&peer.artifacts)
        )?;
        for (kind, share) in &peer.benign {
            writeln!(
                out,
                "    false positives, {}: {}",
                visible(kind),
                show(&Some(*share))
            )?;
        }
        let cpu = peer
            .cpu_s
            .map_or_else(String::new, |c| format!("{c:.2} s of processor time, "));
        writeln!(
            out,
            "    {cpu}{:.2} s in all, {} failed",
            peer.wall_s, peer.failed
        )?;
        if !peer.only_it.is_empty() {
            writeln!(out, "    accused by it alone: {}", peer.only_it.len())?;
            for name in peer.only_it.iter().take(20) {
                writeln!(out, "      {}", visible(name))?;
            }
        }
    }
    if let [own, others @ ..] = peers
        && let Some(own_cpu) = own.cpu_s.filter(|c| *c > 0.0)
    {
        for other in others {
            if let Some(cpu) = other.cpu_s {
                writeln!(
                    out,
                    "  {} takes {:.0} times the processor time of {}",
                    other.name,
                    cpu / own_cpu,
                    own.name
                )?;
            }
        }
    }
    out.push('\n');
    Ok(())
}
