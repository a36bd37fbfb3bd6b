//! `poetry.lock`, formats 1.0 to 2.1.

use foretaste_project::{
    Edge, Format, Group, Input, Location, Lock, LockedPackage, Origin, Problem, Reading,
    Requirement, Text,
};

use super::link::Names;
use super::poetry::requirement;
use super::toml_doc::{self, Placed, artifact};
use crate::toml_node::Node;

pub(super) fn read(input: &Input<'_>) -> Reading {
    toml_doc::lock(input, Format::PoetryLock, fill)
}

fn fill(lock: &mut Lock, root: Node<'_>, text: &Text<'_>, problems: &mut Vec<Problem>) {
    let metadata = root.get("metadata");
    let of = |key| metadata.and_then(|m| m.text(key));
    lock.format_version = of("lock-version").unwrap_or_default().into();
    lock.requires = of("python-versions").map(Into::into);
    lock.manifest_hash = of("content-hash").map(Into::into);
    let entries = toml_doc::named(root, "package", text, problems);
    for &(name, node) in &entries {
        let mut package = LockedPackage::new(
            name,
            node.text("version"),
            origin(node),
            node.entry_place(text),
        );
        package.artifacts.extend(node.list("files").map(artifact));
        // format 1: the files of all packages stand at the end
        let late = metadata
            .and_then(|m| m.get("files").or_else(|| m.get("hashes")))
            .and_then(|f| f.get(name));
        for file in late.into_iter().flat_map(Node::items) {
            match file.str() {
                Some(hash) => package.artifacts.push(bare(hash)),
                None => package.artifacts.push(artifact(file)),
            }
        }
        package.groups = node.texts("groups");
        if let Some(category) = node.text("category") {
            package.groups.push(category.into());
        }
        let main = package.groups.is_empty() || package.groups.iter().any(|g| &**g == "main");
        package.group = match (main, node.flag("optional")) {
            (true, false) => Group::Main,
            (true, true) => Group::Optional,
            (false, _) => Group::Dev,
        };
        package.marker = markers(node);
        lock.packages.push(package);
    }
    let names = Names::of(lock);
    for (index, (_, node)) in entries.iter().enumerate() {
        let edges = needs(*node, text)
            .iter()
            .map(|r| names.edge(lock, r))
            .collect::<Vec<Edge>>();
        lock.packages[index].dependencies = edges;
    }
}

/// A hash without a file's name, as format 0 has it.
fn bare(hash: &str) -> foretaste_project::LockedArtifact {
    foretaste_project::LockedArtifact {
        filename: "".into(),
        url: None,
        hashes: format!("sha256:{hash}").parse().ok().into_iter().collect(),
        other_hashes: Vec::new(),
        size: None,
    }
}

/// One marker, or one for each group.
fn markers(node: Node<'_>) -> Box<str> {
    let Some(markers) = node.get("markers") else {
        return node.text("marker").unwrap_or_default().into();
    };
    if let Some(one) = markers.str() {
        return one.into();
    }
    markers
        .entries()
        .iter()
        .find(|(group, _)| *group == "main")
        .and_then(|(_, m)| m.str())
        .unwrap_or_default()
        .into()
}

/// The needs of an entry. Those that only an extra brings are marked `optional` there.
fn needs(node: Node<'_>, text: &Text<'_>) -> Vec<Requirement> {
    let mut found = Vec::new();
    for (name, value) in node.get("dependencies").into_iter().flat_map(Node::entries) {
        found.extend(requirement(name, value, text, &mut Vec::new()));
    }
    found
}

fn origin(node: Node<'_>) -> Origin {
    let Some(source) = node.get("source") else {
        return Origin::Registry(None);
    };
    let url = source.text("url").unwrap_or_default();
    match source.text("type") {
        Some("git" | "hg") => Origin::Vcs {
            url: Location::new(url),
            rev: source
                .text("resolved_reference")
                .or_else(|| source.text("reference"))
                .map(Into::into),
            subdirectory: source.text("subdirectory").map(Into::into),
        },
        Some("url") => Origin::Url(Location::new(url)),
        Some("directory" | "file") => Origin::Path {
            path: url.into(),
            editable: node.flag("develop"),
        },
        _ => Origin::Registry(Some(Location::new(url))),
    }
}
