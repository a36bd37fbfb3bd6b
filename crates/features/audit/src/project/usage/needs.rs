//! Who needs whom, version by version.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use foretaste_model::report::ReleaseReport;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_project::{Constraint, Lock, LockedPackage, Origin};
use foretaste_projects::Project;

use crate::modules::suggested;

/// A package in one version, as locks tell them apart; in whatever version if that is empty.
pub(super) type Package = (Ecosystem, PackageName, Box<str>);

/// What a package is called in code.
#[derive(Debug, Default)]
pub(super) struct Called {
    /// The names under which it is imported.
    pub(super) names: Vec<String>,
    /// Whether these are known, not only suggested.
    pub(super) is_known: bool,
    /// The versions that the project itself asks for, which its own imports lead to; empty if nothing tells.
    pub(super) direct: BTreeSet<Box<str>>,
}

/// Who needs whom. What is only known of a name holds for its versions all.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) called: BTreeMap<(Ecosystem, PackageName), Called>,
    pub(super) edges: BTreeMap<Package, BTreeSet<(PackageName, Box<str>)>>,
    /// Ecosystems in which a list names packages without saying who needs them.
    pub(super) open: BTreeSet<Ecosystem>,
}

impl Needs {
    pub(super) fn of(project: &Project) -> Self {
        let mut found = Self::default();
        for lock in &project.locks {
            found.take_lock(lock);
        }
        for manifest in &project.manifests {
            let ecosystem = manifest.ecosystem;
            for wish in &manifest.requirements {
                let Some(name) = wish.key(ecosystem) else {
                    continue;
                };
                let vias = wish.via.iter().map(|via| &**via);
                for via in vias.filter(|via| !via.starts_with('-') && !via.contains('(')) {
                    found.need_by_name(ecosystem, via, &name);
                }
                let called = found.called.entry((ecosystem, name)).or_default();
                called
                    .names
                    .extend(wish.alias.as_deref().map(str::to_owned));
            }
        }
        // what no lock settles needs packages that are named nowhere; a list of one version each may tell who needs whom
        let units = project.units();
        for manifest in units
            .iter()
            .filter(|u| u.lock.is_none())
            .flat_map(|u| &u.manifests)
        {
            let wishes = || manifest.wishes();
            let is_list = wishes().all(|r| matches!(r.constraint, Constraint::Pinned(_)));
            let tells = wishes().any(|r| !r.via.is_empty());
            if wishes().next().is_some() && !(is_list && tells) {
                found.open.insert(manifest.ecosystem);
            }
        }
        found
    }

    fn take_lock(&mut self, lock: &Lock) {
        let ecosystem = lock.ecosystem;
        let key = |name: &str| PackageName::new(ecosystem, name);
        let version = |p: &LockedPackage| Box::from(p.version.as_deref().unwrap_or_default());
        // the project's own parts need what their code imports, which is read
        let is_own =
            |p: &LockedPackage| matches!(p.origin, Origin::Member(_) | Origin::Path { .. });
        let own = lock.packages.iter().filter(|p| is_own(p));
        let asked = own
            .flat_map(|p| &p.dependencies)
            .chain(lock.roots.iter().flat_map(|r| &r.dependencies));
        for package in asked.filter_map(|edge| lock.packages.get(edge.to?)) {
            let called = self.called.entry((ecosystem, key(&package.name)));
            called.or_default().direct.insert(version(package));
        }
        for package in lock.packages.iter().filter(|p| !is_own(p)) {
            let name = key(&package.name);
            self.called.entry((ecosystem, name.clone())).or_default();
            let needs = self
                .edges
                .entry((ecosystem, name, version(package)))
                .or_default();
            for edge in &package.dependencies {
                let to = edge.to.and_then(|to| lock.packages.get(to));
                needs.insert(match to {
                    Some(to) => (key(&to.name), version(to)),
                    None => (key(&edge.name), "".into()),
                });
            }
        }
        // go.sum knows no edges
        if lock.packages.len() > 1 && lock.packages.iter().all(|p| p.dependencies.is_empty()) {
            self.open.insert(ecosystem);
        }
    }

    pub(super) fn need_by_name(&mut self, ecosystem: Ecosystem, from: &str, to: &PackageName) {
        let from = PackageName::new(ecosystem, from);
        self.called.entry((ecosystem, from.clone())).or_default();
        let needs = self.edges.entry((ecosystem, from, "".into())).or_default();
        needs.insert((to.clone(), "".into()));
    }

    /// A package in every version that is known of it, and in whatever one.
    pub(super) fn versions(&self, ecosystem: Ecosystem, name: &PackageName) -> Vec<Package> {
        let any = (ecosystem, name.clone(), Box::from(""));
        let known = self.edges.range(any.clone()..).map(|(package, _)| package);
        let known = known
            .take_while(|(e, n, _)| *e == ecosystem && n == name)
            .filter(|(_, _, version)| !version.is_empty())
            .cloned();
        std::iter::once(any.clone()).chain(known).collect()
    }

    /// What the import of a name leads to.
    pub(super) fn imported(
        &self,
        ecosystem: Ecosystem,
        name: &PackageName,
        called: &Called,
    ) -> Vec<Package> {
        let mut found = self.versions(ecosystem, name);
        if !called.direct.is_empty() {
            found.retain(|(_, _, v)| v.is_empty() || called.direct.contains(v));
        }
        found
    }

    /// Goes from packages to what they need, and from there on where `reach` says that it was not reached before.
    pub(super) fn spread(
        &self,
        mut queue: VecDeque<Package>,
        mut reach: impl FnMut(&Package, &Package) -> bool,
    ) {
        while let Some(at) = queue.pop_front() {
            let any = (at.0, at.1.clone(), Box::from(""));
            let own = self.edges.get(&at).into_iter().flatten();
            let of_name = self.edges.get(&any).filter(|_| any != at);
            for (name, version) in own.chain(of_name.into_iter().flatten()) {
                let needed = if version.is_empty() {
                    self.versions(at.0, name)
                } else {
                    vec![(at.0, name.clone(), version.clone())]
                };
                for key in needed {
                    if reach(&at, &key) {
                        queue.push_back(key);
                    }
                }
            }
        }
    }

    /// Takes the names that were found in what was tasted.
    pub(super) fn learn(&mut self, reports: &[ReleaseReport]) {
        for report in reports {
            let Some(ecosystem) = report.ecosystem else {
                continue;
            };
            let name = PackageName::new(ecosystem, &report.name);
            let called = self.called.entry((ecosystem, name)).or_default();
            called.is_known |= ecosystem != Ecosystem::Pypi || !report.artifacts.is_empty();
            called
                .names
                .extend(report.imported_as.iter().map(ToString::to_string));
            // a resolution that stands in no file left its ways
            for wanted in &report.wanted_by {
                let way = wanted.path.get(1..).unwrap_or_default();
                for (from, to) in way.iter().zip(way.iter().skip(1)) {
                    let to = PackageName::new(ecosystem, to);
                    let is_locked = self.versions(ecosystem, &to).len() > 1;
                    if !is_locked {
                        self.need_by_name(ecosystem, from, &to);
                    }
                }
            }
        }
        for ((ecosystem, name), called) in &mut self.called {
            if called.names.is_empty() || *ecosystem == Ecosystem::Cargo {
                let suggested = suggested(*ecosystem, name.as_str());
                called.names.push(suggested);
            }
            called.is_known |= *ecosystem != Ecosystem::Pypi;
        }
    }
}
