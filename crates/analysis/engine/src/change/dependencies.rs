//! Dependencies that came, went, or come from elsewhere.

use std::collections::BTreeMap;

use foretaste_model::change::{DependencyChange, DependencyChangeKind, DependencyLook};
use foretaste_model::facts::ArtifactFacts;
use foretaste_model::manifest::{Dependency, DependencyKind};
use foretaste_model::{Ecosystem, Evidence, PackageName};

use super::pair::{Pair, Side};
use crate::scene::is_own_manifest;

/// A declared dependency and the manifest that declares it.
struct Declared<'a> {
    ecosystem: Ecosystem,
    path: &'a str,
    dependency: &'a Dependency,
}

/// Changes in what is installed along.
pub(super) fn of(pair: &Pair<'_>) -> Vec<DependencyChange> {
    let (Some(old), Some(new)) = (declared(&pair.old), declared(&pair.new)) else {
        return Vec::new();
    };
    let change = |side: &Side<'_>, d: &Declared<'_>, what| {
        let note = format!("{} {}", d.dependency.name, d.dependency.requirement);
        let mut evidence = Evidence::file(&side.artifact.filename, d.path, note.trim());
        evidence.span = d.dependency.span;
        DependencyChange {
            ecosystem: d.ecosystem,
            name: d.dependency.name.clone(),
            requirement: d.dependency.requirement.clone(),
            what,
            kind: d.dependency.kind,
            source: d.dependency.source.clone(),
            used: is_imported(pair.new.artifact, d.ecosystem, &d.dependency.name),
            evidence,
            look: DependencyLook::default(),
        }
    };
    let mut changes = Vec::new();
    for (name, now) in &new {
        match old.get(name) {
            None => changes.push(change(&pair.new, now, DependencyChangeKind::Added)),
            Some(before) if before.dependency.source != now.dependency.source => {
                changes.push(change(&pair.new, now, DependencyChangeKind::Moved));
            }
            Some(_) => {}
        }
    }
    for (name, before) in &old {
        if !new.contains_key(name) {
            changes.push(change(&pair.old, before, DependencyChangeKind::Removed));
        }
    }
    changes
}

/// What an installer fetches along, by normalised name; none if the artifact has no manifest of its own.
fn declared<'a>(side: &Side<'a>) -> Option<BTreeMap<PackageName, Declared<'a>>> {
    let mut all = BTreeMap::new();
    let mut seen = false;
    for file in &side.artifact.files {
        let Some(manifest) = file.facts.manifest.as_deref() else {
            continue;
        };
        if !is_own_manifest(&file.path) {
            continue;
        }
        seen = true;
        let wanted = manifest
            .dependencies
            .iter()
            .filter(|d| !matches!(d.kind, DependencyKind::Dev | DependencyKind::Peer));
        for dependency in wanted {
            let name = PackageName::new(manifest.ecosystem, &dependency.name);
            all.entry(name).or_insert(Declared {
                ecosystem: manifest.ecosystem,
                path: &file.path,
                dependency,
            });
        }
    }
    seen.then_some(all)
}

/// Whether code of an artifact imports a package, as far as the package's name tells its modules' names; none if the
/// artifact holds no code of a language that must import what it uses.
pub fn is_imported(artifact: &ArtifactFacts, ecosystem: Ecosystem, name: &str) -> Option<bool> {
    let wanted = plain(name);
    let short = wanted
        .trim_start_matches("python_")
        .trim_start_matches("py")
        .trim_start_matches('_')
        .trim_end_matches("_python")
        .trim_end_matches("_py");
    let mut any = false;
    for file in &artifact.files {
        for import in &file.facts.imports {
            if import.module.starts_with('.') {
                any = true;
                continue;
            }
            any = true;
            let module = plain(&import.module);
            let starts = |word: &str| {
                let rest = module.strip_prefix(word).filter(|_| !word.is_empty());
                rest.is_some_and(|r| r.is_empty() || r.starts_with('_'))
            };
            let fits = if ecosystem == Ecosystem::Npm {
                let rest = import.module.strip_prefix(name);
                rest.is_some_and(|r| r.is_empty() || r.starts_with('/'))
            } else {
                let root = module.split('_').next().unwrap_or("");
                let shares = root.len() >= 3 && wanted.split('_').any(|part| part == root);
                starts(&wanted) || starts(short) || shares
            };
            if fits {
                return Some(true);
            }
        }
    }
    // Rust code names crates by path, without importing them
    (any && ecosystem != Ecosystem::Cargo).then_some(false)
}

/// Lower case, with one separator.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase()
        .replace("::", "_")
        .replace(['-', '.', '/'], "_")
}
