//! `pylock.toml` (PEP 751).

use foretaste_project::{
    Document, Edge, Format, Input, Location, Lock, LockedPackage, Origin, Problem, Reading, Text,
};

use super::link::Names;
use super::toml_doc::{self, Node, artifact};
use super::{decode, file_name};

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
    let (decoded, _) = decode::decode(input.bytes);
    let text = Text::new(input.path, &decoded);
    let mut problems = Vec::new();
    let mut lock = Lock::new(Format::Pylock, input.path);
    toml_doc::read(&text, &mut problems, |root, problems| {
        lock.format_version = root.text("lock-version").unwrap_or_default().into();
        lock.requires = root.text("requires-python").map(Into::into);
        let mut nodes = Vec::new();
        for node in root.list("packages") {
            let Some(name) = node.text("name") else {
                problems.push(Problem::new(node.place(&text), "an entry has no name"));
                continue;
            };
            let mut package = LockedPackage::new(
                name,
                node.text("version"),
                origin(node),
                node.entry_place(&text),
            );
            package.artifacts.extend(node.get("sdist").map(artifact));
            package.artifacts.extend(node.list("wheels").map(artifact));
            package.artifacts.extend(node.get("archive").map(artifact));
            package.marker = node.text("marker").unwrap_or_default().into();
            lock.packages.push(package);
            nodes.push(node);
        }
        let names = Names::of(&lock);
        for (index, node) in nodes.iter().enumerate() {
            let edges = node
                .list("dependencies")
                .filter_map(|need| {
                    let name = need.text("name")?;
                    Some(Edge::new(
                        name,
                        names.find(&lock, name, need.text("version"), ""),
                    ))
                })
                .collect();
            lock.packages[index].dependencies = edges;
        }
    });
    Reading {
        document: Some(Document::Lock(lock)),
        problems,
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
