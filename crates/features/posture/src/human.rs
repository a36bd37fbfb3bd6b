//! The posture for a terminal.

use std::fmt::Write as _;

use foretaste_report::escape::visible;

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
    let rows = [
        (
            "locked",
            format!(
                "{} repositories with a lock for all they install",
                posture.locked_repositories
            ),
        ),
        (
            "hashed",
            format!(
                "{} sets of packages with a hash for each",
                total.locking.hashed
            ),
        ),
        (
            "exact",
            format!(
                "{} requirements bound to one version; {:.1} open-ended (>=) per manifest",
                total.specifiers.pinned(),
                total.specifiers.at_least_per_manifest().unwrap_or(0.0)
            ),
        ),
        (
            "actions",
            format!("{} bound to a commit", total.pinned_actions),
        ),
        (
            "reviewed",
            format!(
                "{} dependency changes of {} days with somebody else on record",
                posture.changes.seen_by_another, posture.days
            ),
        ),
        (
            "bots",
            format!("{} of them written by a bot", posture.changes.by_bots),
        ),
        (
            "origins",
            format!(
                "{} public, {} private, {} direct, {} local",
                origins.public, origins.private, origins.direct, origins.local
            ),
        ),
        (
            "scripts",
            format!(
                "{} locked packages run code at installation",
                total.install_scripts
            ),
        ),
        (
            "stale",
            format!("{} requirements missing from their lock", total.unlocked),
        ),
    ];
    for (label, text) in rows {
        let _ = writeln!(out, "  {label:<9} {text}");
    }
    if !posture.fixes.is_empty() {
        out.push_str("\nfix first\n");
        for (number, fix) in posture.fixes.iter().enumerate() {
            let _ = writeln!(
                out,
                "  {}. {} {} in {}",
                number + 1,
                fix.count,
                fix.kind.title(),
                repositories_counted(fix.repositories)
            );
            let text = format!("{}; {}", fix.kind.why(), fix.kind.action());
            for line in textwrap::wrap(&text, width.saturating_sub(5).max(20)) {
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

fn repositories(out: &mut String, posture: &Posture, detailed: bool) {
    let shown = if detailed { usize::MAX } else { WORST };
    out.push_str("\nmost open doors\n");
    for row in posture.repositories.iter().take(shown) {
        let first = row.fixes.first().map_or_else(
            || "nothing to fix".to_owned(),
            |fix| format!("{} {}", fix.count, fix.kind.title()),
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
            "\n{problems} places could not be read, {skipped} measures were skipped (-v names them)"
        );
    }
}
