//! `pdm.lock`, formats 4 and 5.

use foretaste_project::{
    Format, Group, Input, Location, Lock, LockedPackage, Origin, Problem, Reading, Text,
};

use super::link::Names;
use super::spec;
use super::toml_doc::{self, Placed, artifact};
use crate::toml_node::Node;

pub(super) fn read(input: &Input<'_>) -> Reading {
    toml_doc::lock(input, Format::PdmLock, fill)
}

fn fill(lock: &mut Lock, root: Node<'_>, text: &Text<'_>, problems: &mut Vec<Problem>) {
    let metadata = root.get("metadata");
    let of = |key| metadata.and_then(|m| m.text(key));
    lock.format_version = of("lock_version").unwrap_or_default().into();
    lock.manifest_hash = of("content_hash").map(Into::into);
    let mut nodes = Vec::new();
    for (name, node) in toml_doc::named(root, "package", text, problems) {
        let origin = if let Some(url) = node.text("git") {
            Origin::Vcs {
                url: Location::new(url),
                rev: node
                    .text("revision")
                    .or_else(|| node.text("ref"))
                    .map(Into::into),
                subdirectory: node.text("subdirectory").map(Into::into),
            }
        } else if let Some(url) = node.text("url") {
            Origin::Url(Location::new(url))
        } else if let Some(path) = node.text("path") {
            Origin::Path {
                path: path.into(),
                editable: node.flag("editable"),
            }
        } else {
            Origin::Registry(None)
        };
        let place = node.entry_place(text);
        let extras = node.texts("extras");
        let mut package = LockedPackage::new(name, node.text("version"), origin, place);
        package.artifacts.extend(node.list("files").map(artifact));
        package.groups = node.texts("groups");
        let main = package.groups.is_empty() || package.groups.iter().any(|g| &**g == "default");
        package.group = if main { Group::Main } else { Group::Dev };
        package.marker = node.text("marker").unwrap_or_default().into();
        // an extra has an entry of its own, which is the same package once more
        let twin = lock.packages.iter().position(|p| {
            !extras.is_empty() && p.name == package.name && p.version == package.version
        });
        if let Some(index) = twin {
            nodes.push((index, node));
        } else {
            nodes.push((lock.packages.len(), node));
            lock.packages.push(package);
        }
    }
    let names = Names::of(lock);
    for (index, node) in nodes {
        for need in node.list("dependencies") {
            let (requirement, fault) =
                spec::parse(need.str().unwrap_or_default(), need.place(text));
            if let Some(fault) = fault {
                problems.push(Problem::new(need.place(text), fault.message));
            }
            let Some(requirement) = requirement else {
                continue;
            };
            let edge = names.edge(lock, &requirement);
            if edge.to != Some(index)
                && !lock.packages[index]
                    .dependencies
                    .iter()
                    .any(|e| e.name == edge.name && e.to == edge.to)
            {
                lock.packages[index].dependencies.push(edge);
            }
        }
    }
}
