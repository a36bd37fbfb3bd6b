//! The posture for a terminal.

use std::fmt::Write as _;

use foretaste_model::words::counted;
use foretaste_report::escape::visible;

use crate::Share;
use crate::freshness::{difference, drift_rows, installed_rows, moved};
use crate::html::repositories_counted;
use crate::posture::Posture;

/// Repositories that are named.
const WORST: usize = 10;

/// The posture as text, about `width` columns wide. `detailed` names every repository and note.
pub fn human(posture: &Posture, width: usize, detailed: bool) -> String {
    let mut out = String::new();
    let total = &posture.total;
    let name = match posture.repositories.as_slice() {
        [only] => visible(&only.name),
        all => repositories_counted(all.len()),
    };
    let _ = writeln!(
        out,
        "posture of {name}, {}\n",
        posture.when.strftime("%Y-%m-%d")
    );
    let origins = &total.origins;
    let changes = &posture.changes;
    let told = |share: Share, what: &str| match share.value() {
        Some(_) => format!("{share} {what}"),
        None => "nothing to measure".to_owned(),
    };
    let rows = [
        (
            "locked",
            told(
                posture.locked_repositories,
                "repositories with a lock for all they install",
            ),
        ),
        (
            "hashed",
            told(
                total.locking.hashed,
                "sets of packages with a hash for each",
            ),
        ),
        (
            "exact",
            told(
                total.specifiers.pinned(),
                "requirements bound to one version",
            ),
        ),
        (
            "open end",
            format!(
                "{:.1} requirements (>=) per manifest",
                total.specifiers.at_least_per_manifest().unwrap_or(0.0)
            ),
        ),
        (
            "stale",
            match total.unlocked {
                1 => "1 requirement missing from its lock".to_owned(),
                many => format!("{many} requirements missing from their lock"),
            },
        ),
        (
            "origins",
            format!(
                "{} public, {} private, {} direct, {} local",
                counted(origins.public, "package"),
                origins.private,
                origins.direct,
                origins.local
            ),
        ),
        (
            "scripts",
            told(
                total.install_scripts,
                "locked packages run code at installation",
            ),
        ),
        ("actions", told(total.pinned_actions, "bound to a commit")),
        (
            "reviewed",
            told(
                changes.seen_by_another,
                match changes.told_by_host.have {
                    0 => "dependency changes with somebody else on record",
                    _ => "dependency changes that somebody else approved or commented on",
                },
            ),
        ),
        (
            "bots",
            told(changes.by_bots, "dependency changes written by a bot"),
        ),
    ];
    for (label, text) in rows {
        let _ = writeln!(out, "  {label:<9} {text}");
    }
    freshness(&mut out, posture, detailed);
    if let Some(upkeep) = &posture.upkeep {
        let _ = writeln!(out, "\nwhat registries say ({} releases)", upkeep.told);
        if let Some(days) = upkeep.median_age_days {
            let _ = writeln!(out, "  {} old, in the middle of all", counted(days, "day"));
        }
        for (label, share) in upkeep.shares() {
            let _ = writeln!(out, "  {} {label}", told(share, "").trim_end());
        }
        for (why, count) in &upkeep.not_told {
            let _ = writeln!(out, "  not told: {count} ({})", visible(why));
        }
    }
    if !posture.fixes.is_empty() {
        out.push_str("\nfix first\n");
        for (number, fix) in posture.fixes.iter().enumerate() {
            let _ = writeln!(
                out,
                "  {}. {} in {}",
                number + 1,
                fix.kind.counted(fix.count),
                repositories_counted(fix.repositories)
            );
            let text = format!("{}; {}", fix.kind.why(), fix.kind.action());
            let wrapping = textwrap::Options::new(width.saturating_sub(5).max(20))
                .word_splitter(textwrap::WordSplitter::NoHyphenation);
            for line in textwrap::wrap(&text, &wrapping) {
                let _ = writeln!(out, "     {line}");
            }
        }
    }
    if posture.repositories.len() > 1 {
        repositories(&mut out, posture, detailed);
    }
    notes(&mut out, posture, detailed);
    out
}

fn rows(out: &mut String, title: &str, rows: &[(&str, String)]) {
    let _ = writeln!(out, "\n{title}");
    let wide = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    for (label, value) in rows {
        let _ = writeln!(out, "  {label:<wide$}  {}", visible(value));
    }
}

/// What is installed, and what a fresh resolution would change.
fn freshness(out: &mut String, posture: &Posture, detailed: bool) {
    if let Some(of) = &posture.installed {
        rows(out, "installed against locked", &installed_rows(of));
        for (repository, of) in posture.differences(detailed) {
            let place = match posture.repositories.len() {
                1 => String::new(),
                _ => format!("{}/", repository.name),
            };
            let _ = writeln!(
                out,
                "  - {}",
                visible(&format!("{place}{}", difference(of)))
            );
        }
    }
    if let Some(of) = &posture.drift {
        rows(out, "a fresh resolution against the locks", &drift_rows(of));
        for of in &of.furthest {
            let _ = writeln!(out, "  - {}", visible(&moved(of)));
        }
        for (why, count) in &of.not_resolved {
            let _ = writeln!(out, "  not resolved: {count} ({})", visible(why));
        }
    }
}

fn repositories(out: &mut String, posture: &Posture, detailed: bool) {
    let shown = if detailed { usize::MAX } else { WORST };
    out.push_str("\nmost open doors\n");
    for row in posture.repositories.iter().take(shown) {
        let first = row.fixes.first().map_or_else(
            || "nothing to fix".to_owned(),
            |fix| fix.kind.counted(fix.count),
        );
        let _ = writeln!(
            out,
            "  {:>5}  {}: {first}",
            row.measures.open,
            visible(&row.name)
        );
    }
    let left = posture.repositories.len().saturating_sub(shown);
    if left > 0 {
        let _ = writeln!(out, "         … {left} more (-v names all)");
    }
}

fn notes(out: &mut String, posture: &Posture, detailed: bool) {
    let count = |list: fn(&crate::RepositoryPosture) -> &Vec<String>| -> usize {
        posture.repositories.iter().map(|r| list(r).len()).sum()
    };
    let (problems, skipped) = (count(|r| &r.problems), count(|r| &r.skipped));
    if problems + skipped == 0 {
        return;
    }
    if detailed || posture.repositories.len() == 1 {
        out.push_str("\nnot measured\n");
        for row in &posture.repositories {
            for line in row.problems.iter().chain(&row.skipped) {
                let _ = writeln!(out, "  {}: {}", visible(&row.name), visible(line));
            }
        }
    } else {
        let _ = writeln!(
            out,
            "\nnot read: {}; skipped: {} (-v names them)",
            counted(problems, "place"),
            counted(skipped, "measure")
        );
    }
}
