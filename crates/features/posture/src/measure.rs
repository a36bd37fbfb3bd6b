//! What a project's files say of how it guards its dependencies.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::{Ecosystem, ReleaseId};
use foretaste_project::{
    Constraint, Format, Group, Location, Lock, LockedPackage, Manifest, Origin, Requirement,
    SourceKind,
};
use foretaste_projects::{Project, Unit};
use serde::{Deserialize, Serialize};

use crate::Share;
use crate::survey::Options;

/// The measures of one repository, or summed over many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measures {
    /// Sets of packages that are installed together, by what fixes them.
    pub locking: Locking,
    /// What manifests ask for, by how far they tie the choice down.
    pub specifiers: Specifiers,
    /// Requirements that the lock of their project does not hold: it was not renewed.
    pub unlocked: usize,
    /// Where locked packages come from.
    pub origins: Origins,
    /// Indexes asked beside the main one for every name: a public package can then take an internal one's place.
    pub extra_indexes: usize,
    /// Locked packages that run code at installation, of those whose lock says whether they do.
    pub install_scripts: Share,
    /// Workflow actions that are bound to a commit.
    pub pinned_actions: Share,
    /// Locked packages in all.
    pub locked_packages: usize,
    /// What may become other bytes without a change here: requirements that no lock fixes, locked packages without a
    /// hash, actions without a commit, and requirements that the lock lacks.
    pub open: usize,
    /// Files that could not be read in full.
    pub problems: usize,
}

/// Sets of packages that are installed together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locking {
    /// Those with a lock (or a list in which every requirement is one version), of those that install anything.
    pub locked: Share,
    /// Those whose every package has a hash, of the same.
    pub hashed: Share,
}

/// Requirements of manifests by how far they tie the choice down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specifiers {
    /// One version, a commit, a path.
    pub exact: usize,
    /// A range with an end.
    pub range: usize,
    /// `>=` without an end.
    pub at_least: usize,
    /// Any version.
    pub any: usize,
    /// A URL or repository without a commit.
    pub moving: usize,
    /// Manifests that ask for anything.
    pub manifests: usize,
}

impl Specifiers {
    /// Exact ones of all.
    pub const fn pinned(&self) -> Share {
        Share::new(
            self.exact,
            self.exact + self.range + self.at_least + self.any + self.moving,
        )
    }

    /// Open-ended requirements (`>=`) per manifest; none without manifests.
    pub fn at_least_per_manifest(&self) -> Option<f64> {
        (self.manifests > 0).then(|| self.at_least as f64 / self.manifests as f64)
    }

    fn count(&mut self, constraint: &Constraint) {
        match constraint {
            Constraint::Any => self.any += 1,
            Constraint::AtLeast => self.at_least += 1,
            Constraint::Range => self.range += 1,
            _ if constraint.is_exact() => self.exact += 1,
            _ => self.moving += 1,
        }
    }
}

/// Where locked packages come from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    /// A registry that is not known to be the organisation's own.
    pub public: usize,
    /// The organisation's own registry: a private host, or an internal name.
    pub private: usize,
    /// A repository or a URL, past every registry.
    pub direct: usize,
    /// This project, or the machine.
    pub local: usize,
    /// Packages by the host that serves them; `(default)` where the lock leaves it to the client.
    pub hosts: BTreeMap<String, usize>,
}

impl Measures {
    /// Adds another repository's.
    pub fn add(&mut self, other: &Self) {
        self.locking.locked += other.locking.locked;
        self.locking.hashed += other.locking.hashed;
        self.specifiers.exact += other.specifiers.exact;
        self.specifiers.range += other.specifiers.range;
        self.specifiers.at_least += other.specifiers.at_least;
        self.specifiers.any += other.specifiers.any;
        self.specifiers.moving += other.specifiers.moving;
        self.specifiers.manifests += other.specifiers.manifests;
        self.unlocked += other.unlocked;
        self.origins.public += other.origins.public;
        self.origins.private += other.origins.private;
        self.origins.direct += other.origins.direct;
        self.origins.local += other.origins.local;
        for (host, count) in &other.origins.hosts {
            *self.origins.hosts.entry(host.clone()).or_default() += count;
        }
        self.extra_indexes += other.extra_indexes;
        self.install_scripts += other.install_scripts;
        self.pinned_actions += other.pinned_actions;
        self.locked_packages += other.locked_packages;
        self.open += other.open;
        self.problems += other.problems;
    }
}

/// Measures a project.
pub fn measure(project: &Project, options: &Options) -> Measures {
    let mut measures = Measures {
        problems: project.problems.len(),
        ..Measures::default()
    };
    for manifest in &project.manifests {
        if manifest.ecosystem == Ecosystem::Actions {
            for wish in asked(manifest).filter(|r| !matches!(r.constraint, Constraint::Path(_))) {
                let exact = wish.constraint.is_exact();
                measures.pinned_actions.count(exact);
                measures.open += usize::from(!exact);
            }
            continue;
        }
        if asked(manifest).next().is_some() {
            measures.specifiers.manifests += 1;
        }
        for wish in asked(manifest) {
            measures.specifiers.count(&wish.constraint);
        }
        measures.extra_indexes += confusing_indexes(manifest);
    }
    for unit in project.units() {
        unit_measures(&unit, &mut measures);
    }
    for lock in project.locks.iter().filter(|l| l.format != Format::GoSum) {
        for package in &lock.packages {
            package_measures(lock, package, options, &mut measures);
        }
    }
    for manifest in &project.manifests {
        list_origins(manifest, options, &mut measures);
    }
    measures
}

/// Where the releases come from that a list of requirements fixes: it is its own lock.
fn list_origins(manifest: &Manifest, options: &Options, measures: &mut Measures) {
    if manifest.format != Format::Requirements {
        return;
    }
    let index = manifest
        .sources
        .iter()
        .find(|s| matches!(s.kind, SourceKind::Index));
    let host = index.and_then(|s| host_of(s.location.expose()));
    let origins = &mut measures.origins;
    for wish in asked(manifest) {
        let (name, shown) = match (&wish.constraint, wish.name.as_deref()) {
            (Constraint::Pinned(_), Some(name)) => (name, host.clone()),
            (Constraint::Url(place) | Constraint::Vcs { url: place, .. }, _) => {
                origins.direct += 1;
                let shown = host_of(place.expose()).unwrap_or_else(|| "(unknown)".to_owned());
                *origins.hosts.entry(shown).or_default() += 1;
                continue;
            }
            _ => continue,
        };
        let is_private = options.is_internal(manifest.ecosystem, name)
            || shown.as_deref().is_some_and(|h| options.is_private_host(h));
        if is_private {
            origins.private += 1;
        } else {
            origins.public += 1;
        }
        measures.locked_packages += 1;
        let shown = shown.unwrap_or_else(|| "(default)".to_owned());
        *origins.hosts.entry(shown).or_default() += 1;
    }
}

/// The public releases that a project's locks, and lists of one version each, hold.
pub(crate) fn public_releases(project: &Project, options: &Options) -> BTreeSet<ReleaseId> {
    let mut found = BTreeSet::new();
    for lock in project.locks.iter().filter(|l| l.format != Format::GoSum) {
        for package in &lock.packages {
            if let Origin::Registry(place) = &package.origin
                && !is_private(lock.ecosystem, &package.name, place.as_ref(), options)
            {
                found.extend(package.release(lock.ecosystem));
            }
        }
    }
    for manifest in &project.manifests {
        let asks_elsewhere = manifest.sources.iter().any(|s| {
            host_of(s.location.expose()).is_some_and(|host| options.is_private_host(&host))
        });
        if manifest.format != Format::Requirements || asks_elsewhere {
            continue;
        }
        for wish in asked(manifest) {
            if let (Constraint::Pinned(version), Some(name)) = (&wish.constraint, &wish.name)
                && !options.is_internal(manifest.ecosystem, name)
            {
                found.insert(ReleaseId::new(manifest.ecosystem, name, version));
            }
        }
    }
    found
}

/// True for a package of the organisation's own registry: a private host, or an internal name.
fn is_private(
    ecosystem: Ecosystem,
    name: &str,
    place: Option<&Location>,
    options: &Options,
) -> bool {
    let host = place.and_then(|p| host_of(p.expose()));
    host.is_some_and(|h| options.is_private_host(&h)) || options.is_internal(ecosystem, name)
}

/// What a manifest asks for, but for what it expects from others.
fn asked(manifest: &Manifest) -> impl Iterator<Item = &Requirement> {
    manifest.wishes().filter(|r| r.group != Group::Peer)
}

/// Only pip's and pipenv's way asks every index for every name.
fn confusing_indexes(manifest: &Manifest) -> usize {
    let asks_all = matches!(manifest.format, Format::Requirements | Format::Pipfile);
    let confusing = manifest
        .sources
        .iter()
        .filter(|s| s.kind == SourceKind::ExtraIndex && !s.explicit);
    if asks_all { confusing.count() } else { 0 }
}

fn unit_measures(unit: &Unit<'_>, measures: &mut Measures) {
    let of_workflow = |m: &&Manifest| m.ecosystem == Ecosystem::Actions;
    if unit.lock.is_none() && unit.manifests.iter().all(of_workflow) {
        return;
    }
    let (installs, locked, hashed) = if let Some(lock) = unit.lock {
        let fetched: Vec<&LockedPackage> = lock
            .packages
            .iter()
            .filter(|p| matches!(p.origin, Origin::Registry(_) | Origin::Url(_)))
            .collect();
        let counts = |r: &Requirement| matches!(r.group, Group::Main | Group::Dev);
        let lacks = unit.lacks(counts).len();
        let unhashed = fetched.iter().filter(|p| !p.is_hashed()).count();
        measures.unlocked += lacks;
        measures.open += lacks + unhashed;
        (!lock.packages.is_empty(), true, unhashed == 0)
    } else {
        let wishes: Vec<&Requirement> = unit.manifests.iter().flat_map(|m| asked(m)).collect();
        let list = unit
            .manifests
            .iter()
            .all(|m| m.format == Format::Requirements);
        let pinned = list && wishes.iter().all(|r| r.constraint.is_exact());
        let safe = |r: &&&Requirement| r.constraint.is_exact() && !r.hashes.is_empty();
        let safe = wishes.iter().filter(safe).count();
        let lacks = unit.lacks(|_| true).len();
        measures.unlocked += lacks;
        measures.open += lacks + wishes.len() - safe;
        (!wishes.is_empty(), pinned, pinned && safe == wishes.len())
    };
    if installs {
        measures.locking.locked.count(locked);
        measures.locking.hashed.count(hashed);
    }
}

fn package_measures(
    lock: &Lock,
    package: &LockedPackage,
    options: &Options,
    measures: &mut Measures,
) {
    let origins = &mut measures.origins;
    match &package.origin {
        Origin::Registry(place) => {
            let host = place.as_ref().and_then(|p| host_of(p.expose()));
            if is_private(lock.ecosystem, &package.name, place.as_ref(), options) {
                origins.private += 1;
            } else {
                origins.public += 1;
            }
            let shown = host.unwrap_or_else(|| "(default)".to_owned());
            *origins.hosts.entry(shown).or_default() += 1;
        }
        Origin::Url(place) | Origin::Vcs { url: place, .. } => {
            origins.direct += 1;
            let shown = host_of(place.expose()).unwrap_or_else(|| "(unknown)".to_owned());
            *origins.hosts.entry(shown).or_default() += 1;
        }
        Origin::Path { .. } | Origin::Member(_) => {
            origins.local += 1;
            return;
        }
    }
    measures.locked_packages += 1;
    if let Some(runs) = package.install_script {
        measures.install_scripts.count(runs);
    }
}

/// The host of a URL, without user-info and port; none for what is no URL.
fn host_of(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, h)| h);
    let host = if let Some(v6) = host.strip_prefix('[') {
        v6.split(']').next()?
    } else {
        host.split(':').next()?
    };
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use foretaste_io::Environment;

    use super::*;

    fn of(entries: &[(&str, &str)], options: &Options) -> Measures {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in entries {
            foretaste_io::files::write(&dir.path().join(path), text.as_bytes()).expect("written");
        }
        let environment = Environment::below(dir.path());
        let project = Project::discover(dir.path(), &environment).expect("read");
        measure(&project, options)
    }

    #[test]
    fn a_list_counts_as_a_lock_only_when_every_line_is_one_version() {
        let hash = "a".repeat(64);
        let loose = of(
            &[("requirements.txt", "six\nattrs>=1\nrich==1.0\n")],
            &Options::default(),
        );
        assert_eq!(loose.locking.locked, Share::new(0, 1));
        assert_eq!(loose.specifiers.pinned(), Share::new(1, 3));
        assert_eq!(loose.specifiers.at_least_per_manifest(), Some(1.0));
        let pinned = format!("six==1.0 --hash=sha256:{hash}\n");
        let pinned = of(&[("requirements.txt", &pinned)], &Options::default());
        assert_eq!(pinned.locking.locked, Share::new(1, 1));
        assert_eq!(pinned.locking.hashed, Share::new(1, 1));
        assert_eq!((pinned.origins.public, pinned.locked_packages), (1, 1));
    }

    #[test]
    fn a_lock_tells_origins_hashes_scripts_and_what_it_lacks() {
        let lock = r#"{"name": "a", "lockfileVersion": 3, "packages": {"": {"name": "a"},
            "node_modules/x": {"version": "1.0.0", "resolved": "https://registry.example/x/-/x-1.0.0.tgz", "integrity": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==", "hasInstallScript": true},
            "node_modules/y": {"version": "1.0.0", "resolved": "https://npm.acme.internal/y/-/y-1.0.0.tgz"}}}"#;
        let manifest = r#"{"name": "a", "dependencies": {"x": "^1", "y": "^2", "z": "1.0.0"}}"#;
        let found = of(
            &[("package.json", manifest), ("package-lock.json", lock)],
            &Options::default(),
        );
        assert_eq!(found.locking.locked, Share::new(1, 1));
        assert_eq!(found.locking.hashed, Share::new(0, 1));
        assert_eq!((found.origins.public, found.origins.private), (1, 1));
        assert_eq!(found.install_scripts, Share::new(1, 2));
        assert_eq!(found.unlocked, 1);
    }

    #[test]
    fn actions_are_counted_apart() {
        let commit = "b".repeat(40);
        let workflow = format!(
            "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: a/b@v1\n      - uses: a/c@{commit}\n      - uses: ./local\n"
        );
        let found = of(
            &[(".github/workflows/ci.yml", &workflow)],
            &Options::default(),
        );
        assert_eq!(found.pinned_actions, Share::new(1, 2));
        assert_eq!(found.locking.locked, Share::default());
        assert_eq!(found.specifiers.manifests, 0);
    }

    #[test]
    fn hosts_are_read_without_secrets() {
        assert_eq!(
            host_of("https://u:p@H.example:8443/simple").as_deref(),
            Some("h.example")
        );
        assert_eq!(host_of("http://[::1]:80/").as_deref(), Some("::1"));
        assert_eq!(host_of("./wheels"), None);
    }
}
