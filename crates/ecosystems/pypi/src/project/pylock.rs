//! `pylock.toml` (PEP 751).

use foretaste_project::{
    Edge, Format, Input, Location, Lock, LockedPackage, Origin, Problem, Reading, Text,
};

use super::file_name;
use super::link::Names;
use super::toml_doc::{self, Placed, artifact};
use crate::toml_node::Node;

/// `pylock.toml` and `pylock.<name>.toml`.
pub(super) fn matches(path: &str) -> bool {
    let name = file_name(path);
    name == "pylock.toml"
        || name
            .strip_prefix("pylock.")
            .and_then(|n| n.strip_suffix(".toml"))
            .is_some_and(|n| !n.is_empty() && !n.contains('.'))
}

pub(super) fn read(input: &Input<'_>) -> Reading {
    toml_doc::lock(input, Format::Pylock, fill)
}

fn fill(lock: &mut Lock, root: Node<'_>, text: &Text<'_>, problems: &mut Vec<Problem>) {
    lock.format_version = root.text("lock-version").unwrap_or_default().into();
    lock.requires = root.text("requires-python").map(Into::into);
    let entries = toml_doc::named(root, "packages", text, problems);
    for (name, node) in &entries {
        let mut package = LockedPackage::new(
            name,
            node.text("version"),
            origin(*node),
            node.entry_place(text),
        );
        package.artifacts.extend(node.get("sdist").map(artifact));
        package.artifacts.extend(node.list("wheels").map(artifact));
        package.artifacts.extend(node.get("archive").map(artifact));
        package.marker = node.text("marker").unwrap_or_default().into();
        lock.packages.push(package);
    }
    let names = Names::of(lock);
    for (index, (_, node)) in entries.iter().enumerate() {
        let edges = node
            .list("dependencies")
            .filter_map(|need| {
                let name = need.text("name")?;
                let found = names.find(lock, name, need.text("version"), "");
                Some(Edge::new(name, found))
            })
            .collect();
        lock.packages[index].dependencies = edges;
    }
}

fn origin(node: Node<'_>) -> Origin {
    if let Some(vcs) = node.get("vcs") {
        let url = vcs
            .text("url")
            .or_else(|| vcs.text("path"))
            .unwrap_or_default();
        return Origin::Vcs {
            url: Location::new(url),
            rev: vcs
                .text("commit-id")
                .or_else(|| vcs.text("requested-revision"))
                .map(Into::into),
            subdirectory: vcs.text("subdirectory").map(Into::into),
        };
    }
    if let Some(folder) = node.get("directory") {
        return Origin::Path {
            path: folder.text("path").unwrap_or_default().into(),
            editable: folder.flag("editable"),
        };
    }
    if let Some(archive) = node.get("archive") {
        return match (archive.text("url"), archive.text("path")) {
            (Some(url), _) => Origin::Url(Location::new(url)),
            (None, path) => Origin::Path {
                path: path.unwrap_or_default().into(),
                editable: false,
            },
        };
    }
    Origin::Registry(node.text("index").map(Location::new))
}
