//! What a policy of a run permits that another did not.

use std::path::{Component, Path, PathBuf};

use super::Policy;
use super::file::{Denied, FilesPolicy};
use super::hosts::HostPattern;
use super::isolation::Isolation;
use super::limits::Limits;
use super::registries::RegistryAccess;
use super::watch::Watch;
use crate::widening::{What, Widening};

/// Everything that `now` permits and `before` did not, in the order of the sections.
pub fn widened(before: &Policy, now: &Policy) -> Vec<Widening> {
    let mut found = Vec::new();
    if before.isolation == Isolation::Gvisor && now.isolation == Isolation::Namespaces {
        let told = "runs with namespaces instead of gVisor".to_owned();
        found.push(Widening::permission(told, &["isolation"]));
    }
    if let Some(preset) = now.preset.filter(|_| now.preset != before.preset) {
        let told = format!("what the preset {} reaches", preset.name());
        found.push(Widening::permission(told, &["preset"]));
    }
    network(before, now, &mut found);
    files(&before.files, &now.files, &mut found);
    let passed = now.environment.pass.iter().enumerate();
    for (index, name) in passed {
        if !before.environment.pass.iter().any(|own| passes(own, name)) {
            let told = format!("the variable {name}");
            found.push(Widening::permission(told, &["environment", "pass"]).nth(index));
        }
    }
    budgets(&before.limits, &now.limits, &mut found);
    record(before, now, &mut found);
    found
}

/// What an entry of a list permits.
type Told = fn(&HostPattern) -> String;

fn network(before: &Policy, now: &Policy, found: &mut Vec<Widening>) {
    let (before, now) = (&before.network, &now.network);
    let lists: [(&str, _, _, Told); 3] = [
        ("allow", &before.allow, &now.allow, |host| {
            format!("connections to {host}")
        }),
        ("private", &before.private, &now.private, |host| {
            format!("{host} in a private network")
        }),
        ("build", &before.build, &now.build, |host| {
            format!("connections to {host} while building")
        }),
    ];
    for (key, before, now, told) in lists {
        for (index, host) in now.iter().enumerate() {
            if !before.iter().any(|own| own.covers(host)) {
                found.push(Widening::permission(told(host), &["network", key]).nth(index));
            }
        }
    }
    if before.denied == Denied::Trap && now.denied == Denied::Refuse {
        let told = "refused connections that nobody looks into".to_owned();
        found.push(Widening::permission(told, &["network", "denied"]));
    }
    if before.registry == RegistryAccess::Read && now.registry == RegistryAccess::Open {
        let told = "writing to the registry, which was only read".to_owned();
        found.push(Widening::permission(told, &["network", "registry"]));
    }
    for (host, address) in &now.addresses {
        if before.addresses.get(host) != Some(address) {
            let told = format!("{host} at {address}");
            let at = Widening::permission(told, &["network", "addresses"]);
            found.push(at.key(host));
        }
    }
    for (host, address) in &before.addresses {
        if !now.addresses.contains_key(host) {
            let told = format!("{host} where its name leads instead of at {address}");
            found.push(Widening::permission(told, &["network", "addresses"]));
        }
    }
}

fn files(before: &FilesPolicy, now: &FilesPolicy, found: &mut Vec<Widening>) {
    let within = |lists: &[&Vec<PathBuf>], path: &Path| {
        let mut all = lists.iter().flat_map(|list| list.iter());
        all.any(|own| shows(own, path))
    };
    for (index, path) in now.read.iter().enumerate() {
        // what can be written can be read
        if !within(&[&before.read, &before.write], path) {
            let told = format!("reading {}", path.display());
            found.push(Widening::permission(told, &["files", "read"]).nth(index));
        }
    }
    for (index, path) in now.write.iter().enumerate() {
        if !within(&[&before.write], path) {
            let told = format!("writing to {}", path.display());
            found.push(Widening::permission(told, &["files", "write"]).nth(index));
        }
    }
    for path in &before.hide {
        if !now.hide.iter().any(|own| lies_in(own, path)) {
            let told = format!("reading {}, which was hidden", path.display());
            found.push(Widening::permission(told, &["files", "hide"]));
        }
    }
}

/// True if a folder that is shown shows this path as well. Of folders that count from the project's only the same one does:
/// what lies below may be a link that the project brings along.
fn shows(folder: &Path, path: &Path) -> bool {
    let is_fixed = folder.is_absolute() || folder.starts_with("~");
    plain(folder).eq(plain(path)) || is_fixed && lies_in(folder, path)
}

/// True if a path is written as one that lies at or below a folder.
fn lies_in(folder: &Path, path: &Path) -> bool {
    let path: PathBuf = plain(path).collect();
    let goes_up = path.components().any(|part| part == Component::ParentDir);
    let folder: PathBuf = plain(folder).collect();
    folder == path || !goes_up && path.starts_with(folder)
}

/// A path without the steps that lead nowhere.
fn plain(path: &Path) -> impl Iterator<Item = Component<'_>> {
    path.components().filter(|part| *part != Component::CurDir)
}

/// True if an entry of `pass` passes all that another does.
fn passes(own: &str, other: &str) -> bool {
    own == other
        || own.strip_suffix('*').is_some_and(|start| {
            let other = other.strip_suffix('*').unwrap_or(other);
            other.starts_with(start)
        })
}

fn budgets(before: &Limits, now: &Limits, found: &mut Vec<Widening>) {
    let all: [(&str, u64, u64, &str); 5] = [
        ("memory", before.memory, now.memory, "bytes of memory"),
        ("disk", before.disk, now.disk, "bytes of disk"),
        ("processes", before.processes, now.processes, "processes"),
        ("cpu", before.cpu, now.cpu, "seconds of processor time"),
        ("time", before.time, now.time, "seconds"),
    ];
    for (key, before, now, unit) in all {
        if now > before {
            let told = format!("{now} {unit} ({before} before)");
            found.push(Widening {
                what: What::Budget,
                ..Widening::permission(told, &["limits", key])
            });
        }
    }
}

fn record(before: &Policy, now: &Policy, found: &mut Vec<Widening>) {
    let (before, now) = (&before.record, &now.record);
    if now.watch < before.watch {
        let told = match now.watch {
            Watch::Refused => "runs of which only what is refused is recorded",
            Watch::Writes | Watch::All => "runs of which no reading of files is recorded",
        };
        found.push(Widening::permission(told.to_owned(), &["record", "watch"]));
    }
    if now.no_canaries && !before.no_canaries {
        let told = "runs without planted secrets".to_owned();
        found.push(Widening::permission(told, &["record", "no-canaries"]));
    }
}
