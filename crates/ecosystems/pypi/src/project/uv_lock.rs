//! `uv.lock` (<https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>).

use foretaste_project::{
    Edge, Format, Group, Input, Location, Lock, LockedPackage, Origin, Problem, Reading, Root, Text,
};

use super::link::{Names, spread_groups};
use super::spec;
use super::toml_doc::{self, Placed, artifact};
use crate::toml_node::Node;

pub(super) fn read(input: &Input<'_>) -> Reading {
    toml_doc::lock(input, Format::UvLock, fill)
}

fn fill(lock: &mut Lock, root: Node<'_>, text: &Text<'_>, problems: &mut Vec<Problem>) {
    let number = |key| root.get(key).and_then(Node::integer);
    lock.format_version = match (number("version"), number("revision")) {
        (Some(version), Some(revision)) => format!("{version}.{revision}").into(),
        (Some(version), None) => version.to_string().into(),
        _ => "".into(),
    };
    lock.requires = root.text("requires-python").map(Into::into);
    let entries = toml_doc::named(root, "package", text, problems);
    for &(name, node) in &entries {
        let mut package = LockedPackage::new(
            name,
            node.text("version"),
            origin(node),
            node.entry_place(text),
        );
        package.artifacts.extend(node.get("sdist").map(artifact));
        package.artifacts.extend(node.list("wheels").map(artifact));
        if let Origin::Url(url) = &package.origin {
            // the archive's own entry holds only its hash
            for found in package.artifacts.iter_mut().filter(|a| a.url.is_none()) {
                found.url = Some(url.clone());
                let base = url.expose().split(['#', '?']).next().unwrap_or_default();
                found.filename = super::file_name(base).into();
            }
        }
        lock.packages.push(package);
    }
    let names = Names::of(lock);
    for (index, (_, node)) in entries.iter().enumerate() {
        let mut edges: Vec<Edge> = node
            .list("dependencies")
            .filter_map(|d| edge(lock, &names, d, Group::Main, ""))
            .collect();
        for (table, group) in [
            ("optional-dependencies", Group::Optional),
            ("dev-dependencies", Group::Dev),
        ] {
            for (name, list) in node.get(table).into_iter().flat_map(Node::entries) {
                edges.extend(
                    list.items()
                        .filter_map(|d| edge(lock, &names, d, group, name)),
                );
            }
        }
        if matches!(lock.packages[index].origin, Origin::Member(_)) {
            lock.roots.push(Root {
                name: lock.packages[index].name.clone(),
                package: Some(index),
                dependencies: edges.clone(),
            });
        }
        lock.packages[index].dependencies = edges;
    }
    for node in root
        .path(&["manifest", "dependency-groups"])
        .into_iter()
        .flat_map(Node::entries)
    {
        // a workspace without a project of its own keeps its groups here
        let (group, list) = node;
        let dependencies: Vec<Edge> = list
            .items()
            .filter_map(|d| edge(lock, &names, d, Group::Dev, group))
            .collect();
        lock.roots.push(Root {
            name: group.into(),
            package: None,
            dependencies,
        });
    }
    spread_groups(lock);
}

fn edge(
    lock: &Lock,
    names: &Names,
    node: Node<'_>,
    group: Group,
    group_name: &str,
) -> Option<Edge> {
    let name = node.text("name")?;
    let mut edge = Edge::new(name, names.find(lock, name, node.text("version"), ""));
    edge.marker = node.text("marker").unwrap_or_default().into();
    edge.extras = node.texts("extra");
    edge.group = group;
    edge.group_name = group_name.into();
    edge.specifier = node.text("specifier").unwrap_or_default().into();
    Some(edge)
}

fn origin(node: Node<'_>) -> Origin {
    let Some(source) = node.get("source") else {
        return Origin::Registry(None);
    };
    if let Some(url) = source.text("registry") {
        return Origin::Registry(Some(Location::new(url)));
    }
    if let Some(url) = source.text("git") {
        // `https://host/repo?rev=main&subdirectory=x#<commit>`
        let (base, commit) = url.split_once('#').unwrap_or((url, ""));
        let (base, query) = base.split_once('?').unwrap_or((base, ""));
        let field = |key: &str| {
            query
                .split('&')
                .find_map(|p| p.strip_prefix(key)?.strip_prefix('='))
        };
        return Origin::Vcs {
            url: Location::new(base),
            rev: Some(commit)
                .filter(|c| !c.is_empty())
                .or_else(|| field("rev"))
                .map(Into::into),
            subdirectory: field("subdirectory").map(Into::into),
        };
    }
    if let Some(url) = source.text("url") {
        return Origin::Url(Location::new(url));
    }
    if let Some(folder) = source.text("virtual").or_else(|| source.text("editable")) {
        // a member of the workspace, or a path dependency outside of it
        return if folder.starts_with("..") {
            Origin::Path {
                path: folder.into(),
                editable: source.text("editable").is_some(),
            }
        } else {
            Origin::Member(folder.into())
        };
    }
    let path = source.text("directory").or_else(|| source.text("path"));
    match path {
        Some(path) if spec::is_url(path) => Origin::Url(Location::new(path)),
        Some(path) => Origin::Path {
            path: path.into(),
            editable: false,
        },
        None => Origin::Registry(None),
    }
}
