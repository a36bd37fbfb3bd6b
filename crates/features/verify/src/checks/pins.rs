//! Every package of production is fixed to one version and to its bytes.

use foretaste_model::{Digest, Ecosystem, PackageName};
use foretaste_project::{
    Constraint, Format, Graph, Group, Location, Lock, Manifest, Origin, Place, Requirement,
};
use foretaste_projects::{Project, Unit};

use super::sources;
use crate::Settings;
use crate::failure::{Check, Failure};
use crate::verifier::Findings;

/// A package that is fixed, as far as it is.
#[derive(Clone, Debug)]
pub(crate) struct Pinned {
    pub(crate) ecosystem: Ecosystem,
    pub(crate) name: PackageName,
    pub(crate) version: Box<str>,
    pub(crate) hashes: Vec<Digest>,
    /// Where the lock says that its files are.
    pub(crate) urls: Vec<Location>,
    /// True if it is installed under a condition that may not hold here.
    pub(crate) conditional: bool,
    pub(crate) place: Place,
}

/// Checks every unit, and gives what is fixed in them.
pub(crate) fn check(project: &Project, settings: &Settings, found: &mut Findings) -> Vec<Pinned> {
    let mut pinned = Vec::new();
    for unit in project.units() {
        match unit.lock {
            Some(lock) => {
                let always = Graph::new(lock, &unit.manifests).always();
                locked(lock, &always, settings, found, &mut pinned);
            }
            None => {
                for manifest in &unit.manifests {
                    listed(manifest, settings, found, &mut pinned);
                }
            }
        }
        not_locked(&unit, settings, found);
    }
    found.checked.packages = pinned.len() as u32;
    pinned
}

fn counts(group: Group, settings: &Settings) -> bool {
    match group {
        Group::Main | Group::Optional => true,
        Group::Dev => settings.development,
        Group::Build | Group::Peer | Group::Constraint | Group::Override => false,
    }
}

fn locked(
    lock: &Lock,
    always: &[bool],
    settings: &Settings,
    found: &mut Findings,
    pinned: &mut Vec<Pinned>,
) {
    let ecosystem = lock.ecosystem;
    // these formats have no room for hashes of what they lock, or are one list of hashes
    let has_hashes = matches!(
        ecosystem,
        Ecosystem::Pypi | Ecosystem::Npm | Ecosystem::Cargo
    );
    let counted = lock
        .packages
        .iter()
        .zip(always)
        .filter(|(package, _)| counts(package.group, settings));
    for (package, always) in counted {
        match &package.origin {
            Origin::Member(_) | Origin::Path { .. } => continue,
            Origin::Url(url) | Origin::Vcs { url, .. } => {
                sources::elsewhere(url, &package.name, &package.place, settings, found);
                continue;
            }
            Origin::Registry(_) => {}
        }
        let Some(version) = &package.version else {
            found
                .failures
                .push(unpinned(&package.name, "", &package.place));
            continue;
        };
        let optional = lock.format == Format::YarnBerryLock
            && (package.group == Group::Optional || !package.marker.is_empty());
        if has_hashes && !package.is_hashed() && !optional {
            found.failures.push(unhashed(&package.name, &package.place));
        }
        pinned.push(Pinned {
            ecosystem,
            name: PackageName::new(ecosystem, &package.name),
            version: version.clone(),
            hashes: package
                .artifacts
                .iter()
                .flat_map(|a| a.hashes.clone())
                .collect(),
            urls: package
                .artifacts
                .iter()
                .filter_map(|a| a.url.clone())
                .collect(),
            conditional: !always || package.group != Group::Main,
            place: package.place.clone(),
        });
    }
}

fn not_locked(unit: &Unit<'_>, settings: &Settings, found: &mut Findings) {
    for requirement in unit.lacks(|r| counts(r.group, settings)) {
        let name = requirement.name.as_deref().unwrap_or_default();
        found.failures.push(Failure::at(
            Check::NotLocked,
            &requirement.place,
            name,
            format!(
                "{name} is asked for, and {} does not hold it",
                unit.fixed_in()
            ),
            "renew the lock: foretaste lock",
        ));
    }
}

/// A manifest without a lock: a list of requirements may be its own, any other needs one.
fn listed(
    manifest: &Manifest,
    settings: &Settings,
    found: &mut Findings,
    pinned: &mut Vec<Pinned>,
) {
    if matches!(manifest.ecosystem, Ecosystem::Actions) {
        return;
    }
    let asked: Vec<&Requirement> = manifest
        .requirements
        .iter()
        .filter(|r| counts(r.group, settings))
        .collect();
    let is_list = matches!(manifest.format, Format::Requirements | Format::GoMod);
    if !is_list {
        let from_registry = asked
            .iter()
            .any(|r| !matches!(r.constraint, Constraint::Path(_) | Constraint::Workspace));
        if from_registry {
            found.failures.push(Failure::in_file(
                Check::NoLock,
                &manifest.path,
                crate::verifier::whole(),
                &manifest.path,
                format!(
                    "{} asks for packages, and no lock settles them",
                    manifest.path
                ),
                "write one: foretaste lock",
            ));
        }
        return;
    }
    for requirement in asked {
        list_entry(manifest, requirement, settings, found, pinned);
    }
}

fn list_entry(
    manifest: &Manifest,
    requirement: &Requirement,
    settings: &Settings,
    found: &mut Findings,
    pinned: &mut Vec<Pinned>,
) {
    let name = requirement.name.as_deref().unwrap_or("a requirement");
    let place = &requirement.place;
    match &requirement.constraint {
        Constraint::Pinned(version) => {
            if requirement.hashes.is_empty() && manifest.format == Format::Requirements {
                found.failures.push(unhashed(name, place));
            }
            pinned.push(Pinned {
                ecosystem: manifest.ecosystem,
                name: PackageName::new(manifest.ecosystem, name),
                version: version.clone(),
                hashes: requirement.hashes.clone(),
                urls: Vec::new(),
                conditional: !requirement.marker.is_empty(),
                place: place.clone(),
            });
        }
        Constraint::Path(_) | Constraint::Workspace => {}
        Constraint::Url(url) | Constraint::Vcs { url, .. } => {
            sources::elsewhere(url, name, place, settings, found);
        }
        Constraint::Any | Constraint::AtLeast | Constraint::Range => {
            found
                .failures
                .push(unpinned(name, &requirement.specifier, place));
        }
    }
}

fn unpinned(name: &str, specifier: &str, place: &Place) -> Failure {
    let asked = if specifier.is_empty() {
        "any version".to_owned()
    } else {
        format!("`{specifier}`")
    };
    Failure::at(
        Check::Unpinned,
        place,
        name,
        format!("{name} is not tied to one version: {asked} is taken"),
        "write what you want into requirements.in, and the lock with: foretaste lock",
    )
}

fn unhashed(name: &str, place: &Place) -> Failure {
    Failure::at(
        Check::Unhashed,
        place,
        name,
        format!("{name} has no hash: whatever is served under its version is taken"),
        "renew the lock with hashes: foretaste lock",
    )
}
