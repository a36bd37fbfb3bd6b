//! Joining the needs of a lock to its entries.

use std::collections::HashMap;

use foretaste_model::{Ecosystem, PackageName};
use foretaste_project::{Constraint, Edge, Group, Lock, Requirement};
use uv_pep440::{Version, VersionSpecifiers};

/// The entries of a lock by name.
pub(super) struct Names(HashMap<PackageName, Vec<usize>>);

impl Names {
    pub(super) fn of(lock: &Lock) -> Self {
        Self(lock.by_name())
    }

    /// The entry of a name and, where the lock says it, version.
    pub(super) fn find(
        &self,
        lock: &Lock,
        name: &str,
        version: Option<&str>,
        specifier: &str,
    ) -> Option<usize> {
        let found = self.0.get(&PackageName::new(Ecosystem::Pypi, name))?;
        if found.len() == 1 {
            return found.first().copied();
        }
        let of = |index: &&usize| {
            lock.packages
                .get(**index)
                .and_then(|p| p.version.as_deref())
        };
        if let Some(version) = version {
            return found.iter().find(|i| of(i) == Some(version)).copied();
        }
        // several entries, one for each platform or Python: the first that fits
        let allowed = specifier.parse::<VersionSpecifiers>().ok();
        let fits = |index: &&usize| {
            let version = of(index).and_then(|v| v.parse::<Version>().ok());
            match (&allowed, version) {
                (Some(allowed), Some(version)) => allowed.contains(&version),
                _ => true,
            }
        };
        found.iter().find(fits).or_else(|| found.first()).copied()
    }

    /// The edge of a requirement.
    pub(super) fn edge(&self, lock: &Lock, requirement: &Requirement) -> Edge {
        let name = requirement.name.as_deref().unwrap_or_default();
        let pinned = match &requirement.constraint {
            Constraint::Pinned(version) => Some(&**version),
            _ => None,
        };
        let to = self
            .find(lock, name, pinned, &requirement.specifier)
            .or_else(|| self.find(lock, name, None, &requirement.specifier));
        Edge {
            name: name.into(),
            to,
            specifier: requirement.specifier.clone(),
            extras: requirement.extras.clone(),
            marker: requirement.marker.clone(),
            group: requirement.group,
            group_name: requirement.group_name.clone(),
        }
    }
}

/// Gives every entry the most needed use that a walk from the roots finds: main before optional before dev.
pub(super) fn spread_groups(lock: &mut Lock) {
    let mut best: Vec<Option<Group>> = vec![None; lock.packages.len()];
    for group in [Group::Main, Group::Build, Group::Optional, Group::Dev] {
        let mut queue: Vec<usize> = lock
            .roots
            .iter()
            .flat_map(|root| {
                root.dependencies
                    .iter()
                    .filter(|e| e.group == group)
                    .filter_map(|e| e.to)
            })
            .collect();
        while let Some(at) = queue.pop() {
            let Some(slot @ None) = best.get_mut(at) else {
                continue;
            };
            *slot = Some(group);
            queue.extend(
                lock.packages
                    .get(at)
                    .into_iter()
                    .flat_map(|p| &p.dependencies)
                    .filter_map(|e| e.to),
            );
        }
    }
    for (package, group) in lock.packages.iter_mut().zip(best) {
        if let Some(group) = group {
            package.group = group;
        }
    }
}
