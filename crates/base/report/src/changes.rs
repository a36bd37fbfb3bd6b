//! A comparison in words: shared by the renderers for people.

use foretaste_model::change::{
    Change, DependencyChange, DependencyChangeKind, FileChangeKind, SurfaceChange,
};
use foretaste_model::manifest::DependencySource;
use foretaste_model::words::counted;
use foretaste_model::{Evidence, Verdict};

/// Every kind of change with its lines, most telling first. Hostile text: escape it.
pub(crate) fn changes(change: &Change) -> Vec<(&'static str, Vec<String>)> {
    let mut kinds = vec![("since", vec![sizes(change)])];
    kinds.push(("starts", change.surfaces.iter().map(surface).collect()));
    let chains = change.chains.iter().map(|c| {
        let place = c.evidence.first().map_or_else(String::new, place);
        format!("+ {} {}{place}", c.purpose.phrase(), c.context.phrase())
    });
    kinds.push(("chains", chains.collect()));
    let gained = change.capabilities.iter().map(|c| {
        format!(
            "+ {} ({}){}",
            c.capability,
            c.context.id(),
            place(&c.evidence)
        )
    });
    kinds.push(("gained", gained.collect()));
    let hidden = change.concealed.iter().map(|c| {
        let new = if c.file_is_new { "+" } else { "~" };
        format!("{new} {}{}", c.how.phrase(), place(&c.evidence))
    });
    kinds.push(("hidden", hidden.collect()));
    let native = change.binaries.iter();
    kinds.push((
        "native",
        native
            .map(|e| format!("+ {} ({})", e.path, e.note))
            .collect(),
    ));
    let dependencies = change.dependencies.iter();
    kinds.push(("needs", dependencies.map(dependency).collect()));
    kinds.push((
        "commands",
        change.entry_points.iter().map(surface).collect(),
    ));
    if let (Some(old), Some(new)) = (change.old_emails.first(), change.new_emails.first()) {
        kinds.push(("e-mail", vec![format!("{old} → {new}")]));
    }
    kinds.push(("files", files(change)));
    kinds.retain(|(_, lines)| !lines.is_empty());
    kinds
}

fn sizes(change: &Change) -> String {
    if change.is_empty() {
        return format!("{}: nothing changed", change.from);
    }
    let (old, new) = change.bytes();
    let counts: Vec<String> = [
        (FileChangeKind::Added, "added"),
        (FileChangeKind::Changed, "changed"),
        (FileChangeKind::Moved, "moved"),
        (FileChangeKind::Removed, "removed"),
    ]
    .iter()
    .map(|(kind, word)| (change.count(*kind), word))
    .filter(|(number, _)| *number > 0)
    .map(|(number, word)| format!("{number} {word}"))
    .collect();
    let counts = if counts.is_empty() {
        "no file differs".to_owned()
    } else {
        format!(
            "{} ({})",
            counted(change.files.len(), "file"),
            counts.join(", ")
        )
    };
    format!(
        "{}: {counts}; {} → {} kB",
        change.from,
        old.div_ceil(1_000),
        new.div_ceil(1_000)
    )
}

fn files(change: &Change) -> Vec<String> {
    let mut files: Vec<_> = change.files.iter().collect();
    files.sort_by_key(|f| (f.kind, std::cmp::Reverse(f.new_bytes.max(f.old_bytes))));
    let line = |f: &&foretaste_model::change::FileChange| {
        let mark = match f.kind {
            FileChangeKind::Added => "+",
            FileChangeKind::Changed => "~",
            FileChangeKind::Moved => ">",
            FileChangeKind::Removed => "-",
        };
        match f.kind {
            FileChangeKind::Changed => {
                format!(
                    "{mark} {} ({} → {} bytes)",
                    f.path, f.old_bytes, f.new_bytes
                )
            }
            _ => format!("{mark} {} ({} bytes)", f.path, f.new_bytes.max(f.old_bytes)),
        }
    };
    files.iter().map(line).collect()
}

fn surface(surface: &SurfaceChange) -> String {
    let command = if surface.command.is_empty() {
        "runs"
    } else {
        &surface.command
    };
    match &surface.before {
        Some(before) => format!("~ {}: {before} → {command}", surface.name),
        None => format!("+ {}: {command}{}", surface.name, place(&surface.evidence)),
    }
}

fn dependency(d: &DependencyChange) -> String {
    let mark = match d.what {
        DependencyChangeKind::Added => "+",
        DependencyChangeKind::Moved => "~",
        DependencyChangeKind::Removed => return format!("- {} {}", d.name, d.requirement),
    };
    let mut known = Vec::new();
    match &d.source {
        DependencySource::Registry | DependencySource::OtherRegistry(_) => {}
        DependencySource::Url(at) | DependencySource::Git(at) | DependencySource::Path(at) => {
            known.push(format!("from {at}"));
        }
    }
    if d.used == Some(false) {
        known.push("imported nowhere".to_owned());
    }
    if let Some(rank) = d.look.rank {
        known.push(format!("rank {rank}"));
    } else if let Some(target) = d.look.imitates.first() {
        known.push(format!("named almost like {target}"));
    }
    if let Some(first) = d.look.first_published {
        known.push(format!("first published {}", first.strftime("%Y-%m-%d")));
    }
    if d.look.runs_at_install {
        known.push("runs code when it is installed".to_owned());
    }
    if let Some(verdict) = d.look.verdict.filter(|v| *v != Verdict::Clear) {
        known.push(format!("itself at {verdict}"));
    }
    let known = if known.is_empty() {
        String::new()
    } else {
        format!(" ({})", known.join(", "))
    };
    format!("{mark} {} {}{known}", d.name, d.requirement)
}

/// ` · setup.py:7`
fn place(evidence: &Evidence) -> String {
    match evidence.span {
        Some(span) => format!(" · {}:{}", evidence.path, span.line),
        None if evidence.path.is_empty() => String::new(),
        None => format!(" · {}", evidence.path),
    }
}
