//! Which manifests and locks belong together.

use foretaste_project::{Constraint, Format, Group, Lock, Manifest};

use crate::Project;

/// What is installed together.
#[derive(Clone, Debug)]
pub struct Unit<'a> {
    /// The folder, relative to the root; empty for the root.
    pub folder: &'a str,
    /// The lock, if there is one.
    pub lock: Option<&'a Lock>,
    /// The manifests it was made from, or the one that has no lock.
    pub manifests: Vec<&'a Manifest>,
}

pub(crate) fn units(project: &Project) -> Vec<Unit<'_>> {
    let mut found: Vec<Unit<'_>> = project
        .locks
        .iter()
        .map(|lock| Unit {
            folder: folder(&lock.path),
            lock: Some(lock),
            manifests: project
                .manifests
                .iter()
                .filter(|m| belongs(m, lock))
                .collect(),
        })
        .collect();
    for manifest in &project.manifests {
        let locked = project.locks.iter().any(|lock| belongs(manifest, lock));
        if !locked && !is_source_of_compiled(manifest, project) {
            found.push(Unit {
                folder: folder(&manifest.path),
                lock: None,
                manifests: vec![manifest],
            });
        }
    }
    found
}

/// A manifest belongs to a lock of the same tool in the same folder, or in one above if that lock knows members.
fn belongs(manifest: &Manifest, lock: &Lock) -> bool {
    if manifest.ecosystem != lock.ecosystem {
        return false;
    }
    let right_format = match lock.format {
        Format::PipfileLock => manifest.format == Format::Pipfile,
        Format::UvLock | Format::PoetryLock | Format::PdmLock | Format::Pylock => {
            manifest.format == Format::Pyproject
        }
        _ => true,
    };
    let (of_lock, of_manifest) = (folder(&lock.path), folder(&manifest.path));
    // Cargo.lock names the members of its workspace and not where they lie
    let named = || {
        lock.format == Format::CargoLock
            && lock.packages.iter().any(|p| {
                manifest.name.as_deref() == Some(&*p.name)
                    && !matches!(p.origin, foretaste_project::Origin::Registry(_))
            })
    };
    let below = of_lock.is_empty()
        || of_manifest
            .strip_prefix(of_lock)
            .is_some_and(|r| r.starts_with('/'));
    let member = || {
        lock.packages.iter().any(|p| match &p.origin {
            foretaste_project::Origin::Member(at) => {
                let at = at.trim_start_matches("./").trim_end_matches('/');
                let joined = if of_lock.is_empty() {
                    at.to_owned()
                } else {
                    format!("{of_lock}/{at}")
                };
                joined == of_manifest
            }
            _ => false,
        })
    };
    right_format && (of_lock == of_manifest || (below && (member() || named())))
}

/// `requirements.in` beside the `requirements.txt` that was compiled from it.
fn is_source_of_compiled(manifest: &Manifest, project: &Project) -> bool {
    let Some(stem) = manifest.path.strip_suffix(".in") else {
        return false;
    };
    let compiled = format!("{stem}.txt");
    project.manifests.iter().any(|m| {
        *m.path == *compiled
            && m.requirements
                .iter()
                .filter(|r| r.group != Group::Constraint)
                // one line that was added by hand makes no other list of it
                .any(|r| matches!(r.constraint, Constraint::Pinned(_)))
    })
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
