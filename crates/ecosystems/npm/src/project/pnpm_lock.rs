//! `pnpm-lock.yaml`, versions 5 to 9. A package is known by its dependency path, which differs by version:
//! `/a/1.0.0_b@2.0.0` (5), `/a@1.0.0(b@2.0.0)` (6), `a@1.0.0(b@2.0.0)` (9).

use std::collections::HashMap;

use foretaste_markup::{Node, yaml_tree};
use foretaste_project::{
    Edge, Format, Group, Input, Location, Lock, LockedPackage, Origin, Place, Reading, Root,
};

use super::reach;
use super::source::{self, folder, join};
use super::specifier::split;
use crate::json;

const TABLES: [(&str, Group); 3] = [
    ("dependencies", Group::Main),
    ("optionalDependencies", Group::Optional),
    ("devDependencies", Group::Dev),
];

pub(super) fn read(input: &Input<'_>) -> Reading {
    let mut problems = Vec::new();
    let text = source::text(input, &mut problems);
    let tree = yaml_tree(&text);
    let mut lock = Lock::new(Format::PnpmLock, input.path);
    let version = tree.root.get("lockfileVersion").and_then(Node::text);
    lock.format_version = version.unwrap_or("").into();
    let packages = tree.root.get("packages").map_or(&[][..], Node::members);
    let details: HashMap<&str, &Node> = packages.iter().map(|m| (&*m.key, &m.node)).collect();
    // from version 9 on, what is the same for every set of peers stands apart
    let snapshots = tree.root.get("snapshots").map(Node::members);
    let mut at: HashMap<&str, usize> = HashMap::new();
    for member in snapshots.unwrap_or(packages) {
        let (plain, _) = without_peers(&member.key);
        let node = details.get(&*member.key).or_else(|| details.get(plain));
        let node = node.copied().unwrap_or(&member.node);
        at.insert(&member.key, lock.packages.len());
        let place = Place::new(input.path, member.span);
        lock.packages.push(package(&member.key, node, place));
    }
    let find = |name: &str, wanted: &str| {
        [
            format!("/{name}@{wanted}"),
            format!("/{name}/{wanted}"),
            format!("{name}@{wanted}"),
            wanted.to_owned(),
        ]
        .iter()
        .find_map(|key| at.get(key.as_str()).copied())
    };
    for (index, member) in snapshots.unwrap_or(packages).iter().enumerate() {
        lock.packages[index].dependencies = edges(&member.node, None, &find);
    }
    let importers = tree.root.get("importers");
    let single = [(".", &tree.root)];
    let projects: Vec<(&str, &Node)> = importers.map_or_else(
        || single.to_vec(),
        |i| i.members().iter().map(|m| (&*m.key, &m.node)).collect(),
    );
    for (path, node) in projects {
        let beside = join(folder(input.path), path.trim_start_matches("./"));
        let manifest = if path == "." {
            join(folder(input.path), "package.json")
        } else {
            join(&beside, "package.json")
        };
        lock.roots.push(Root {
            name: project_name(input, &manifest)
                .unwrap_or_else(|| path.to_owned())
                .into(),
            package: None,
            dependencies: edges(node, node.get("specifiers"), &find),
        });
    }
    reach::mark_groups(&mut lock);
    problems.extend(source::problems(input.path, tree.problems));
    source::lock(lock, problems)
}

fn project_name(input: &Input<'_>, manifest: &str) -> Option<String> {
    let bytes = input.files.read(manifest).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    Some(json::read(&text).root.get("name")?.text()?.to_owned())
}

/// The needs of a project or package. A project's are `{specifier, version}`, or beside a table of specifiers.
fn edges(
    node: &Node,
    specifiers: Option<&Node>,
    find: &impl Fn(&str, &str) -> Option<usize>,
) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (field, group) in TABLES {
        for member in node.get(field).map_or(&[][..], Node::members) {
            let version = member.node.get("version").unwrap_or(&member.node);
            let version = version.text().unwrap_or("");
            let mut edge = Edge::new(&member.key, find(&member.key, version));
            let asked = member.node.get("specifier");
            let asked = asked.or_else(|| specifiers.and_then(|s| s.get(&member.key)));
            edge.specifier = asked.and_then(Node::text).unwrap_or(version).into();
            edge.group = group;
            edges.push(edge);
        }
    }
    edges
}

fn package(key: &str, node: &Node, place: Place) -> LockedPackage {
    let field = |name: &str| node.get(name).and_then(Node::text);
    let flag = |name: &str| field(name) == Some("true");
    let resolution = node.get("resolution");
    let resolved = |name: &str| resolution.and_then(|r| r.get(name)).and_then(Node::text);
    let (name, reference) = name_and_reference(key);
    let name = field("name").unwrap_or(name);
    let tarball = resolved("tarball");
    let origin = if let Some(url) = resolved("repo") {
        Origin::Vcs {
            url: Location::new(url),
            rev: resolved("commit").map(Into::into),
            subdirectory: resolved("path").map(Into::into),
        }
    } else if let Some(path) = resolved("directory").or_else(|| reference.strip_prefix("file:")) {
        Origin::Path {
            path: path.into(),
            editable: false,
        }
    } else if let Some(url) = tarball {
        if is_address(reference) {
            Origin::Url(Location::new(url))
        } else {
            source::origin(name, url)
        }
    } else {
        Origin::Registry(None)
    };
    let named = field("version").or_else(|| (!is_address(reference)).then_some(reference));
    let guessed = || source::version_in(name, tarball?);
    let version = named.map(str::to_owned).or_else(guessed);
    let version = version.filter(|v| !v.starts_with("file:"));
    let mut package = LockedPackage::new(name, version.as_deref(), origin, place);
    let hashes = resolved("integrity")
        .map(source::integrity)
        .unwrap_or_default();
    package.artifacts.extend(source::artifact(tarball, hashes));
    package.install_script = flag("requiresBuild").then_some(true);
    package
}

/// Whether what stands in the place of a version is an address.
fn is_address(reference: &str) -> bool {
    reference.contains('/') || reference.contains(':')
}

/// A dependency path without the peers behind it, and these.
fn without_peers(key: &str) -> (&str, &str) {
    key.find('(').map_or((key, ""), |at| key.split_at(at))
}

/// `/@a/b/1.0.0_c@2`, `/@a/b@1.0.0(c@2)`, `@a/b@1.0.0`, `registry.example/a/1.0.0`.
fn name_and_reference(key: &str) -> (&str, &str) {
    let (plain, _) = without_peers(key);
    let Some(path) = plain.strip_prefix('/') else {
        return split(plain);
    };
    let skip = if path.starts_with('@') {
        path.find('/').map_or(0, |at| at + 1)
    } else {
        0
    };
    let (name, reference) = match path.get(skip..).and_then(|p| p.find(['/', '@'])) {
        Some(at) => (&path[..at + skip], &path[at + skip + 1..]),
        None => (path, ""),
    };
    (name, reference.split('_').next().unwrap_or(reference))
}
