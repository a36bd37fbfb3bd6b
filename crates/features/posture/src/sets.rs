//! Packages that are fixed together, by a lock or a list of one version each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use foretaste_model::{Ecosystem, PackageName};
use foretaste_project::{Constraint, Format, Origin};
use foretaste_projects::{Project, Unit};

use crate::survey::Options;

/// The versions in which packages are fixed; several where a lock holds several.
pub type Versions = BTreeMap<PackageName, BTreeSet<Box<str>>>;

/// A lock or list, and the manifest that it can be made anew from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// Whose packages they are.
    pub ecosystem: Ecosystem,
    /// The format of the lock.
    pub format: Format,
    /// The lock or list.
    pub lock: PathBuf,
    /// What says what is wanted; none if nothing beside the lock does.
    pub manifest: Option<PathBuf>,
    /// What it fixes, as far as it comes from registries.
    pub versions: Versions,
    /// Packages of the organisation that are among it.
    pub internal: usize,
}

/// What a unit fixes; none if it leaves anything open.
pub(crate) fn fixed_versions(unit: &Unit<'_>) -> Option<Versions> {
    let mut found = Versions::new();
    let mut add = |ecosystem, name: &str, version: &str| {
        let versions = found.entry(PackageName::new(ecosystem, name)).or_default();
        versions.insert(version.into());
    };
    // go.sum is no choice of versions: go.mod is
    if let Some(lock) = unit.lock.filter(|lock| lock.format != Format::GoSum) {
        for package in &lock.packages {
            if let (Origin::Registry(_), Some(version)) = (&package.origin, &package.version) {
                add(lock.ecosystem, &package.name, version);
            }
        }
        return Some(found);
    }
    for manifest in &unit.manifests {
        if !matches!(manifest.format, Format::Requirements | Format::GoMod) {
            return None;
        }
        for wish in manifest.wishes() {
            match (&wish.name, &wish.constraint) {
                (Some(name), Constraint::Pinned(version)) => {
                    add(manifest.ecosystem, name, version);
                }
                (_, constraint) if constraint.is_exact() => {}
                _ => return None,
            }
        }
    }
    Some(found)
}

/// The sets of a project that lies at `root`.
pub(crate) fn sets(project: &Project, root: &std::path::Path, options: &Options) -> Vec<Set> {
    let mut found = Vec::new();
    for unit in project.units() {
        let (format, lock) = match (unit.lock, unit.manifests.as_slice()) {
            // go.sum is no choice of versions
            (Some(lock), _) if lock.format != Format::GoSum => (lock.format, &*lock.path),
            (None, [list]) if list.format == Format::Requirements => (list.format, &*list.path),
            (_, [list]) if list.format == Format::GoMod => (list.format, &*list.path),
            _ => continue,
        };
        let Some(versions) = fixed_versions(&unit).filter(|v| !v.is_empty()) else {
            continue;
        };
        let in_folder = |path: &str| path.rsplit_once('/').map_or("", |(f, _)| f) == unit.folder;
        let manifest = if format == Format::GoMod {
            Some(lock)
        } else if unit.lock.is_some() {
            let mut paths = unit.manifests.iter().map(|m| &*m.path);
            paths.find(|path| in_folder(path))
        } else {
            let source = format!("{}.in", lock.trim_end_matches(".txt"));
            let written = project.manifests.iter().find(|m| *m.path == *source);
            written.map(|m| &*m.path)
        };
        let ecosystem = format.ecosystem();
        let internal = |name: &&PackageName| options.is_internal(ecosystem, name.as_str());
        found.push(Set {
            ecosystem,
            format,
            lock: root.join(lock),
            manifest: manifest.map(|path| root.join(path)),
            internal: versions.keys().filter(internal).count(),
            versions,
        });
    }
    found
}

/// What a lock that was made anew fixes: all of it together.
pub(crate) fn all_versions(project: &Project) -> Versions {
    let mut found = Versions::new();
    for unit in project.units() {
        for (name, versions) in fixed_versions(&unit).unwrap_or_default() {
            found.entry(name).or_default().extend(versions);
        }
    }
    found
}
