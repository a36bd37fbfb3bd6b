//! The posture as one page that a security lead can show.

use std::fmt::Write as _;

use foretaste_model::words::counted;
use foretaste_report::escape::html as escaped;
use foretaste_report::page;
use foretaste_report::page::plot::{self, Bar, Series};

use crate::changes::{DependencyChanges, Way};
use crate::drift::Drift;
use crate::freshness::{difference, drift_rows, installed_rows, moved};
use crate::installed::Installed;
use crate::posture::{Posture, RepositoryPosture};
use crate::upkeep::Upkeep;
use crate::{Measures, Share};

/// Repositories in the table; all of them stand in the JSON.
const LISTED: usize = 200;
/// Repositories that are shown first.
const WORST: usize = 10;
/// Hosts in the table of origins.
const HOSTS: usize = 20;

/// The page.
pub fn html(posture: &Posture) -> String {
    let count = posture.repositories.len();
    let title = match posture.repositories.as_slice() {
        [only] => format!("Dependency posture of {}", only.name),
        _ => format!("Dependency posture of {count} repositories"),
    };
    let mut out = page::begin(&title);
    let date = posture.when.strftime("%Y-%m-%d");
    let _ = write!(
        out,
        "<h1>{}</h1>\n<p class=soft>{date}; files as they are, history of {}. {}; nothing was executed.</p>\n",
        escaped(&title),
        counted(posture.days, "day"),
        if posture.upkeep.is_some() || posture.drift.is_some() {
            "Measured from files, Git and what registries say of the releases"
        } else {
            "Measured from files and Git alone: no registry was asked"
        }
    );
    tiles(&mut out, posture);
    fixes(&mut out, posture);
    over_time(&mut out, posture);
    requirements(&mut out, &posture.total);
    origins(&mut out, &posture.total);
    if let Some(of) = &posture.installed {
        installed(&mut out, posture, of);
    }
    if let Some(of) = &posture.drift {
        drift(&mut out, of);
    }
    if let Some(of) = &posture.upkeep {
        upkeep(&mut out, of);
    }
    if count > 1 {
        repositories(&mut out, posture);
    }
    changes(&mut out, posture);
    controls(&mut out, posture);
    skipped(&mut out, posture);
    out.push_str(page::END);
    out
}

fn tiles(out: &mut String, posture: &Posture) {
    let total = &posture.total;
    let shares = [
        (
            "repositories with a lock for all they install",
            posture.locked_repositories,
        ),
        (
            "sets of packages with a hash for each",
            total.locking.hashed,
        ),
        (
            "requirements bound to one version",
            total.specifiers.pinned(),
        ),
        ("workflow actions bound to a commit", total.pinned_actions),
        (
            "dependency changes with somebody else on record",
            posture.changes.seen_by_another,
        ),
    ];
    out.push_str("<ul class=tiles>\n");
    for (label, share) in shares {
        let (figure, of) = match share.value() {
            Some(_) => {
                let text = share.to_string();
                let (figure, of) = text.split_once(" (").unwrap_or((&text, ""));
                (figure.to_owned(), of.trim_end_matches(')').to_owned())
            }
            None => ("–".to_owned(), "none to measure".to_owned()),
        };
        let _ = writeln!(
            out,
            "<li><b>{figure}</b>{label}<br><span class=soft>{of}</span></li>"
        );
    }
    let _ = writeln!(
        out,
        "<li><b>{}</b>open doors<br><span class=soft>what may become other bytes without a change here</span></li>",
        total.open
    );
    out.push_str("</ul>\n");
}

fn rows(out: &mut String, rows: &[(&str, String)]) {
    out.push_str("<table>\n");
    for (label, value) in rows {
        let _ = writeln!(out, "<tr><th scope=row>{label}<td>{}", escaped(value));
    }
    out.push_str("</table>\n");
}

fn list<'a>(out: &mut String, lines: impl Iterator<Item = String> + 'a) {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() {
        return;
    }
    out.push_str("<ul>\n");
    for line in lines {
        let _ = writeln!(out, "<li>{}", escaped(&line));
    }
    out.push_str("</ul>\n");
}

fn installed(out: &mut String, posture: &Posture, of: &Installed) {
    out.push_str("<h2>Installed against locked</h2>\n");
    rows(out, &installed_rows(of));
    let told = posture.differences(false);
    list(
        out,
        told.map(|(r, d)| match posture.repositories.len() {
            1 => difference(d),
            _ => format!("{}/{}", r.name, difference(d)),
        }),
    );
}

fn drift(out: &mut String, of: &Drift) {
    out.push_str("<h2>Drift: a fresh resolution against the locks</h2>\n");
    rows(out, &drift_rows(of));
    if of.moved.have > 0 {
        let all = of.moved.of as f64;
        let bar = |label: &str, count: usize, second: bool| {
            let share = count as f64 / all;
            Bar {
                label: format!("{label} ({count})"),
                share,
                low: share,
                high: share,
                second,
            }
        };
        let stays = of.moved.lacking();
        let bars = [
            bar("stays", stays, false),
            bar("patch", of.patch, false),
            bar("minor", of.minor, true),
            bar("major", of.major, true),
            bar("back", of.back, true),
        ];
        let _ = writeln!(
            out,
            "{}",
            plot::bars("Locked packages by how far they would move", &bars, 1.0)
        );
    }
    list(out, of.furthest.iter().map(moved));
    for (why, count) in &of.not_resolved {
        let _ = writeln!(
            out,
            "<p class=soft>not resolved: {count} ({})</p>",
            escaped(why)
        );
    }
}

fn upkeep(out: &mut String, upkeep: &Upkeep) {
    out.push_str("<h2>How the releases are kept</h2>\n<table>\n");
    let mut row = |label: &str, value: &str| {
        let _ = writeln!(out, "<tr><th scope=row>{label}<td>{}", escaped(value));
    };
    row("releases that a registry told of", &upkeep.told.to_string());
    if let Some(days) = upkeep.median_age_days {
        row("age, in the middle of all", &counted(days, "day"));
    }
    for (label, share) in upkeep.shares() {
        row(label, &share.to_string());
    }
    out.push_str("</table>\n");
    for (why, count) in &upkeep.not_told {
        let _ = writeln!(
            out,
            "<p class=soft>not told: {count} ({})</p>",
            escaped(why)
        );
    }
}

fn fixes(out: &mut String, posture: &Posture) {
    out.push_str("<h2>What to fix first</h2>\n");
    if posture.fixes.is_empty() {
        out.push_str("<p>Nothing of what was measured.</p>\n");
        return;
    }
    out.push_str("<ol>\n");
    for fix in &posture.fixes {
        let _ = writeln!(
            out,
            "<li><strong>{}</strong> in {}: {}.<br>{}.</li>",
            fix.kind.counted(fix.count),
            repositories_counted(fix.repositories),
            fix.kind.why(),
            code(&capitalised(fix.kind.action()))
        );
    }
    out.push_str("</ol>\n");
}

fn over_time(out: &mut String, posture: &Posture) {
    if posture.trend.len() < 2 {
        return;
    }
    let labels: Vec<String> = posture
        .trend
        .iter()
        .map(|p| p.when.strftime("%Y-%m").to_string())
        .collect();
    let line = |label: &str, of: &dyn Fn(&Measures) -> Share| Series {
        label: label.to_owned(),
        values: posture
            .trend
            .iter()
            .map(|p| of(&p.measures).value())
            .collect(),
    };
    let series = [
        line("sets with a lock", &|m| m.locking.locked),
        line("sets with hashes", &|m| m.locking.hashed),
        line("exact requirements", &|m| m.specifiers.pinned()),
        line("actions at a commit", &|m| m.pinned_actions),
    ];
    let _ = write!(
        out,
        "<h2>Over time</h2>\n{}\n",
        plot::lines("Shares over time", &labels, &series)
    );
}

fn requirements(out: &mut String, total: &Measures) {
    let of = &total.specifiers;
    let all = of.pinned().of;
    if all == 0 {
        return;
    }
    let bar = |label: &str, count: usize, second: bool| {
        let share = count as f64 / all as f64;
        Bar {
            label: format!("{label} ({count})"),
            share,
            low: share,
            high: share,
            second,
        }
    };
    let bars = [
        bar("one version", of.exact, false),
        bar("a range", of.range, false),
        bar("≥, without an end", of.at_least, true),
        bar("any version", of.any, true),
        bar("URL or branch", of.moving, true),
    ];
    let _ = write!(
        out,
        "<h2>What manifests ask for</h2>\n<p>{} in {}; {:.1} open-ended ones (≥) per manifest. A range is fine where a lock fixes it; {} missing from their lock.</p>\n{}\n",
        counted(all, "requirement"),
        counted(of.manifests, "manifest"),
        of.at_least_per_manifest().unwrap_or(0.0),
        match total.unlocked {
            1 => "1 requirement is".to_owned(),
            many => format!("{many} requirements are"),
        },
        plot::bars("Requirements by specifier", &bars, 1.0)
    );
}

fn origins(out: &mut String, total: &Measures) {
    let of = &total.origins;
    if total.locked_packages == 0 {
        return;
    }
    let scripts = match total.install_scripts.value() {
        Some(_) => format!(
            "{} run code at installation, of those whose lock tells it.",
            total.install_scripts
        ),
        None => "No lock here tells which packages run code at installation.".to_owned(),
    };
    let _ = write!(
        out,
        "<h2>Where locked packages come from</h2>\n<p>{} from public registries, {} from the organisation's own, {} from a URL or repository, {} local. {scripts}</p>\n<table><thead><tr><th>Host<th class=n>Packages</thead><tbody>\n",
        of.public, of.private, of.direct, of.local
    );
    let mut hosts: Vec<(&String, &usize)> = of.hosts.iter().collect();
    hosts.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    for (host, count) in hosts.iter().take(HOSTS) {
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code><td class=n>{count}",
            escaped(host)
        );
    }
    out.push_str("</tbody></table>\n");
}

fn repositories(out: &mut String, posture: &Posture) {
    let all = &posture.repositories;
    out.push_str("<h2>Most open doors</h2>\n");
    table(out, all.get(..WORST).unwrap_or(all));
    if all.len() > WORST {
        let shown = all.len().min(LISTED);
        let _ = writeln!(
            out,
            "<details><summary>{} of {} repositories</summary>",
            shown,
            all.len()
        );
        table(out, all.get(..shown).unwrap_or(all));
        out.push_str("</details>\n");
    }
}

fn table(out: &mut String, rows: &[RepositoryPosture]) {
    out.push_str("<div class=wide><table><thead><tr><th>Repository<th class=n>Open doors<th class=n>Locked sets<th class=n>Hashed<th class=n>Exact<th class=n>Actions at a commit<th class=n>Changes seen by another<th>First to fix</thead><tbody>\n");
    for row in rows {
        let m = &row.measures;
        let seen = row.changes.as_ref().map(|c| c.seen_by_another);
        let _ = writeln!(
            out,
            "<tr><td>{}<td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{}<td>{}",
            escaped(&row.name),
            m.open,
            counts(m.locking.locked),
            counts(m.locking.hashed),
            counts(m.specifiers.pinned()),
            counts(m.pinned_actions),
            seen.map_or_else(|| "–".to_owned(), counts),
            row.fixes
                .first()
                .map(|fix| fix.kind.counted(fix.count))
                .unwrap_or_default()
        );
    }
    out.push_str("</tbody></table></div>\n");
}

fn changes(out: &mut String, posture: &Posture) {
    let unseen: Vec<_> = posture
        .repositories
        .iter()
        .flat_map(|r| {
            r.changes
                .iter()
                .flat_map(|c| &c.unseen)
                .map(move |c| (r, c))
        })
        .collect();
    let _ = write!(
        out,
        "<h2>Changes of dependencies</h2>\n<p>{} {}</p>\n",
        match posture.changes.seen_by_another.of {
            0 => "None in this time.".to_owned(),
            _ => format!(
                "{} have somebody else on record; {} were written by bots.",
                posture.changes.seen_by_another, posture.changes.by_bots
            ),
        },
        source(&posture.changes)
    );
    if unseen.is_empty() {
        return;
    }
    let mut newest = unseen;
    newest.sort_by(|a, b| {
        b.1.when
            .cmp(&a.1.when)
            .then_with(|| a.1.commit.cmp(&b.1.commit))
    });
    out.push_str("<div class=wide><table><thead><tr><th>When<th>Repository<th>Commit<th>Message<th>Files</thead><tbody>\n");
    for (repository, change) in newest.iter().take(WORST) {
        let short = change.commit.get(..10).unwrap_or(&change.commit);
        let by = match (change.bot, change.way) {
            (true, _) => " (bot)",
            (false, Way::Merge) => " (merge)",
            (false, Way::Unreviewed) => " (request)",
            _ => "",
        };
        let _ = writeln!(
            out,
            "<tr><td>{}<td>{}<td><code>{}</code>{by}<td>{}<td><code>{}</code>",
            change.when.strftime("%Y-%m-%d"),
            escaped(&repository.name),
            escaped(short),
            escaped(&change.subject),
            escaped(&change.files.join(", "))
        );
    }
    out.push_str("</tbody></table></div>\n");
}

/// Whose word it is.
fn source(changes: &DependencyChanges) -> String {
    const LOG: &str = "Read from Git's log: a request or an approval counts where the message names it; what was said in a request is known to its host alone.";
    let told = changes.told_by_host;
    match told.have {
        0 => LOG.to_owned(),
        _ if told.lacking() == 0 => "Told by the hosts of the repositories: approvals and comments of others than the author of a request.".to_owned(),
        _ => format!("The hosts of the repositories told who approved or commented on {told}. The others: {LOG}"),
    }
}

fn controls(out: &mut String, posture: &Posture) {
    out.push_str("<h2>Controls</h2>\n<p class=soft>Evidence for controls of S2C2F and OWASP's CI/CD risks, not a certificate.</p>\n<div class=wide><table><thead><tr><th>Control<th>Title<th>Measured<th class=n>Met</thead><tbody>\n");
    for control in &posture.controls {
        let _ = writeln!(
            out,
            "<tr><td>{} {}<td>{}<td>{}<td class=n>{}",
            control.framework.title(),
            escaped(&control.id),
            escaped(&control.title),
            escaped(&control.measure),
            control.met
        );
    }
    out.push_str("</tbody></table></div>\n");
}

fn skipped(out: &mut String, posture: &Posture) {
    let lines: Vec<(&str, &String)> = posture
        .repositories
        .iter()
        .flat_map(|r| {
            r.problems
                .iter()
                .chain(&r.skipped)
                .map(move |l| (&*r.name, l))
        })
        .collect();
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<h2>Not measured</h2>\n<details><summary>{}</summary><ul>",
        match lines.len() {
            1 => "1 note".to_owned(),
            many => format!("{many} notes"),
        }
    );
    for (name, line) in lines.iter().take(LISTED) {
        let _ = writeln!(out, "<li>{}: {}", escaped(name), escaped(line));
    }
    out.push_str("</ul></details>\n");
}

fn counts(share: Share) -> String {
    if share.of == 0 {
        "–".to_owned()
    } else {
        format!("{}/{}", share.have, share.of)
    }
}

/// `a repository`, `3 repositories`.
pub(crate) fn repositories_counted(count: usize) -> String {
    if count == 1 {
        "1 repository".to_owned()
    } else {
        format!("{count} repositories")
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}

/// Backquoted parts as code; the text is ours, and has pairs of backquotes.
fn code(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        match index {
            0 => {}
            _ if index % 2 == 1 => out.push_str("<code>"),
            _ => out.push_str("</code>"),
        }
        out.push_str(part);
    }
    out
}
