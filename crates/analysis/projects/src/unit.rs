//! Which manifests and locks belong together.

use std::collections::BTreeSet;

use foretaste_project::{Constraint, Format, Lock, Manifest, Requirement};

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
    /// The `requirements.in` from which a list without a lock was compiled, which is the list's own manifest.
    pub source: Option<&'a Manifest>,
}

/// What pip-compile leaves out of a list, whoever asks for it.
const LEFT_OUT: [&str; 3] = ["distribute", "pip", "setuptools"];

impl<'a> Unit<'a> {
    /// Unconditional requirements, of those that `counts` takes, that the lock or the compiled list does not hold: it was
    /// not renewed.
    pub fn lacks(&self, counts: impl Fn(&Requirement) -> bool) -> Vec<&'a Requirement> {
        if let Some(lock) = self.lock {
            let manifests = self.manifests.iter();
            return manifests.flat_map(|m| lock.lacks(m, &counts)).collect();
        }
        let Some(source) = self.source else {
            return Vec::new();
        };
        let list = self.manifests.iter().flat_map(|m| &m.requirements);
        let held: BTreeSet<_> = list.filter_map(|r| r.key(source.ecosystem)).collect();
        let wishes = source.requirements.iter().filter(|wish| {
            let from_registry = matches!(
                wish.constraint,
                Constraint::Any | Constraint::AtLeast | Constraint::Range | Constraint::Pinned(_)
            );
            let is_held = wish
                .key(source.ecosystem)
                .is_none_or(|name| held.contains(&name) || LEFT_OUT.contains(&name.as_str()));
            from_registry && wish.marker.is_empty() && !is_held && counts(wish)
        });
        wishes.collect()
    }

    /// The file that fixes versions here.
    pub fn fixed_in(&self) -> &'a str {
        let list = self.manifests.first().map(|m| &*m.path);
        self.lock
            .map(|lock| &*lock.path)
            .or(list)
            .unwrap_or_default()
    }
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
            source: None,
        })
        .collect();
    let sources: Vec<(&Manifest, String)> = project
        .manifests
        .iter()
        .filter_map(|m| Some((m, compiled_from(m, project)?)))
        .collect();
    for manifest in &project.manifests {
        let locked = project.locks.iter().any(|lock| belongs(manifest, lock));
        if !locked
            && !sources
                .iter()
                .any(|(source, _)| std::ptr::eq(*source, manifest))
        {
            found.push(Unit {
                folder: folder(&manifest.path),
                lock: None,
                manifests: vec![manifest],
                source: sources
                    .iter()
                    .find(|(_, to)| **to == *manifest.path)
                    .map(|(m, _)| *m),
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

/// The `requirements.txt` that was compiled from the `requirements.in` beside it.
fn compiled_from(manifest: &Manifest, project: &Project) -> Option<String> {
    let compiled = format!("{}.txt", manifest.path.strip_suffix(".in")?);
    let is_there = project.manifests.iter().any(|m| {
        *m.path == *compiled
            && m.wishes()
                // one line that was added by hand makes no other list of it
                .any(|r| matches!(r.constraint, Constraint::Pinned(_)))
    });
    is_there.then_some(compiled)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
