//! Who needs whom, and why a package is there.

use std::collections::{HashMap, HashSet, VecDeque};

use foretaste_model::PackageName;

use crate::{Edge, Group, Lock, Manifest, Root};

/// A lock's packages with the projects that ask for them.
///
/// Roots are those of the lock; where it knows none (poetry.lock, Pipfile.lock), the manifest's requirements are; where
/// there is no manifest either, whatever nobody else needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Graph<'a> {
    lock: &'a Lock,
    roots: Vec<Root>,
    /// Of each package, the step by which a search from the roots first came to it.
    first: Vec<Option<Came>>,
}

/// How a search came to a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// The project of this index asks for it.
    Root(usize),
    /// The package of this index needs it.
    Package(usize),
}

/// One step of a path from a project to a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The project where the path begins.
    Root(&'a Root),
    /// A package on the way: its index in [`Lock::packages`].
    Package(usize),
}

impl<'a> Graph<'a> {
    /// The graph of a lock. `manifests` are asked for roots if the lock knows none.
    pub fn new(lock: &'a Lock, manifests: &[&Manifest]) -> Self {
        let mut roots = lock.roots.clone();
        if roots.is_empty() {
            let names = lock.by_name();
            roots = manifests
                .iter()
                .filter(|m| m.ecosystem == lock.ecosystem)
                .map(|m| root_of(m, &names))
                .filter(|root| root.dependencies.iter().any(|e| e.to.is_some()))
                .collect();
        }
        if roots.is_empty() {
            roots.push(unneeded(lock));
        }
        let first = search(lock, &roots);
        Self { lock, roots, first }
    }

    /// The lock.
    pub const fn lock(&self) -> &'a Lock {
        self.lock
    }

    /// The projects.
    pub fn roots(&self) -> &[Root] {
        &self.roots
    }

    /// True if a project asks for this package itself.
    pub fn is_direct(&self, package: usize) -> bool {
        self.roots
            .iter()
            .flat_map(|root| &root.dependencies)
            .any(|edge| edge.to == Some(package))
    }

    /// A shortest path from a project to this package; empty if none leads there.
    pub fn why(&self, package: usize) -> Vec<Step<'_>> {
        let mut path = Vec::new();
        let mut at = package;
        while path.len() <= self.first.len() {
            let Some(from) = self.first.get(at).copied().flatten() else {
                return Vec::new();
            };
            path.push(Step::Package(at));
            match from {
                Came::Package(before) => at = before,
                Came::Root(root) => {
                    path.extend(self.roots.get(root).map(Step::Root));
                    break;
                }
            }
        }
        path.reverse();
        path
    }

    /// The packages that need this one directly.
    pub fn needed_by(&self, package: usize) -> impl Iterator<Item = usize> + '_ {
        self.lock
            .packages
            .iter()
            .enumerate()
            .filter(move |(_, p)| p.dependencies.iter().any(|e| e.to == Some(package)))
            .map(|(index, _)| index)
    }

    /// Of each package, whether it is installed on every machine: a way from a project leads there without a condition,
    /// through the main list, or through an extra that the way itself asks for.
    pub fn always(&self) -> Vec<bool> {
        let mut always = vec![false; self.lock.packages.len()];
        let mut seen = HashSet::new();
        let mut queue = VecDeque::new();
        for root in &self.roots {
            queue.extend(root.package.map(|package| (package, None)));
            follow(&root.dependencies, None, &mut queue);
        }
        while let Some((at, extra)) = queue.pop_front() {
            let Some(package) = self.lock.packages.get(at) else {
                continue;
            };
            if package.marker.is_empty() && seen.insert((at, extra)) {
                always[at] = true;
                follow(&package.dependencies, extra, &mut queue);
            }
        }
        always
    }

    /// The packages that no path from a project leads to.
    pub fn unreached(&self) -> impl Iterator<Item = usize> + '_ {
        self.first
            .iter()
            .enumerate()
            .filter(|(_, came)| came.is_none())
            .map(|(index, _)| index)
    }
}

/// A manifest as a root.
fn root_of(manifest: &Manifest, names: &HashMap<PackageName, Vec<usize>>) -> Root {
    let dependencies = manifest
        .requirements
        .iter()
        .filter_map(|requirement| {
            let key = requirement.key(manifest.ecosystem)?;
            let to = names.get(&key).and_then(|found| found.first().copied());
            let mut edge = Edge::new(requirement.name.as_deref().unwrap_or_default(), to);
            edge.specifier.clone_from(&requirement.specifier);
            edge.extras.clone_from(&requirement.extras);
            edge.marker.clone_from(&requirement.marker);
            edge.group = requirement.group;
            edge.group_name.clone_from(&requirement.group_name);
            Some(edge)
        })
        .collect();
    Root {
        name: manifest
            .name
            .clone()
            .unwrap_or_else(|| manifest.path.to_string().into()),
        package: None,
        dependencies,
    }
}

/// A root that asks for whatever nobody else needs.
fn unneeded(lock: &Lock) -> Root {
    let mut needed = vec![false; lock.packages.len()];
    for (index, package) in lock.packages.iter().enumerate() {
        for edge in &package.dependencies {
            if let Some(to) = edge.to.filter(|to| *to != index)
                && let Some(slot) = needed.get_mut(to)
            {
                *slot = true;
            }
        }
    }
    let dependencies = lock
        .packages
        .iter()
        .enumerate()
        .filter(|(index, _)| !needed[*index])
        .map(|(index, package)| Edge::new(&package.name, Some(index)))
        .collect();
    Root {
        name: lock.path.to_string().into(),
        package: None,
        dependencies,
    }
}

/// What is needed without a condition by a package of which this extra is asked.
fn follow<'e>(
    edges: &'e [Edge],
    extra: Option<&str>,
    queue: &mut VecDeque<(usize, Option<&'e str>)>,
) {
    for edge in edges.iter().filter(|e| e.marker.is_empty()) {
        let is_asked = match edge.group {
            Group::Main => true,
            Group::Optional => extra.is_some_and(|extra| extra == &*edge.group_name),
            _ => false,
        };
        if let Some(to) = edge.to.filter(|_| is_asked) {
            queue.push_back((to, None));
            queue.extend(edge.extras.iter().map(|extra| (to, Some(&**extra))));
        }
    }
}

/// Breadth first from every root, so that the first way found is a shortest one.
fn search(lock: &Lock, roots: &[Root]) -> Vec<Option<Came>> {
    let mut first: Vec<Option<Came>> = vec![None; lock.packages.len()];
    let mut queue = VecDeque::new();
    let mut reach = |to: Option<usize>, from: Came, queue: &mut VecDeque<usize>| {
        if let Some(to) = to
            && let Some(slot @ None) = first.get_mut(to)
        {
            *slot = Some(from);
            queue.push_back(to);
        }
    };
    for (index, root) in roots.iter().enumerate() {
        reach(root.package, Came::Root(index), &mut queue);
        for edge in &root.dependencies {
            reach(edge.to, Came::Root(index), &mut queue);
        }
    }
    while let Some(at) = queue.pop_front() {
        for edge in &lock.packages[at].dependencies {
            reach(edge.to, Came::Package(at), &mut queue);
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Format, LockedPackage, Origin, Place, Requirement};

    /// A lock from `name: needs` pairs.
    fn lock(entries: &[(&str, &[usize])]) -> Lock {
        let path: Arc<str> = "poetry.lock".into();
        let mut lock = Lock::new(Format::PoetryLock, &path);
        for (name, needs) in entries {
            let origin = Origin::Registry(None);
            let mut package = LockedPackage::new(name, Some("1"), origin, Place::file(&path));
            package.dependencies = needs
                .iter()
                .map(|to| Edge::new(entries[*to].0, Some(*to)))
                .collect();
            lock.packages.push(package);
        }
        lock
    }

    fn shown(graph: &Graph<'_>, package: usize) -> String {
        let names: Vec<&str> = graph
            .why(package)
            .into_iter()
            .map(|step| match step {
                Step::Root(root) => &*root.name,
                Step::Package(index) => &*graph.lock().packages[index].name,
            })
            .collect();
        names.join(" > ")
    }

    #[test]
    fn the_shortest_way_is_told_and_circles_end() {
        let lock = lock(&[("a", &[1, 2]), ("b", &[2]), ("c", &[0]), ("lone", &[])]);
        let path: Arc<str> = "pyproject.toml".into();
        let mut manifest = Manifest::new(Format::Pyproject, &path);
        manifest.name = Some("shop".into());
        manifest.requirements = vec![Requirement::new("A", Place::file(&path))];
        let graph = Graph::new(&lock, &[&manifest]);
        assert_eq!(shown(&graph, 2), "shop > a > c");
        assert_eq!(shown(&graph, 0), "shop > a");
        assert!(graph.is_direct(0) && !graph.is_direct(1));
        assert_eq!(graph.needed_by(2).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(graph.unreached().collect::<Vec<_>>(), [3]);
        assert!(graph.why(3).is_empty() && graph.why(99).is_empty());
    }

    #[test]
    fn below_a_condition_everything_is_conditional() {
        let mut lock = lock(&[
            ("app", &[1, 2, 3]),
            ("colour", &[2]),
            ("ansi", &[]),
            ("http", &[4]),
            ("socks", &[]),
        ]);
        lock.packages[0].dependencies[0].marker = "sys_platform == 'win32'".into();
        lock.packages[0].dependencies.remove(1);
        lock.packages[3].dependencies[0].group = Group::Optional;
        lock.packages[3].dependencies[0].group_name = "proxy".into();
        let always = Graph::new(&lock, &[]).always();
        assert_eq!(always, [true, false, false, true, false]);
        lock.packages[0].dependencies[1].extras = vec!["proxy".into()];
        assert!(Graph::new(&lock, &[]).always()[4]);
    }

    #[test]
    fn without_a_manifest_whatever_nobody_needs_is_a_wish() {
        let lock = lock(&[("app", &[1]), ("lib", &[1])]);
        let graph = Graph::new(&lock, &[]);
        assert_eq!(shown(&graph, 1), "poetry.lock > app > lib");
    }
}
