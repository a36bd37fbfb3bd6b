//! `yarn.lock` of yarn 2 and later: YAML, whose keys are descriptors (`a@npm:^1`) and whose entries say the locator.

use std::collections::HashMap;

use foretaste_markup::{Node, yaml_tree};
use foretaste_project::{
    Edge, Format, Group, Input, Location, Lock, LockedArtifact, LockedPackage, Origin, Place,
    Problem, Reading, Root,
};

use super::reach;
use super::source;
use super::specifier::{specifier, split};

pub(super) fn read(input: &Input<'_>, text: &str, mut problems: Vec<Problem>) -> Reading {
    let tree = yaml_tree(text);
    let mut lock = Lock::new(Format::YarnBerryLock, input.path);
    let metadata = tree.root.get("__metadata");
    let version = metadata.and_then(|m| m.get("version")).and_then(Node::text);
    lock.format_version = version.unwrap_or("").into();
    let mut descriptors: HashMap<&str, usize> = HashMap::new();
    let mut names: HashMap<&str, usize> = HashMap::new();
    let mut nodes = Vec::new();
    let entries = tree
        .root
        .members()
        .iter()
        .filter(|m| &*m.key != "__metadata");
    for member in entries {
        let index = lock.packages.len();
        for descriptor in member.key.split(", ") {
            descriptors.insert(descriptor, index);
            names.entry(split(descriptor).0).or_insert(index);
        }
        let field = |name: &str| member.node.get(name).and_then(Node::text);
        let resolution = field("resolution").unwrap_or(&member.key);
        let (name, reference) = split(resolution);
        let (origin, version) = located(name, reference, field("version"));
        let span = foretaste_model::Span {
            end_line: member.node.span.end_line,
            end_column: member.node.span.end_column,
            ..member.span
        };
        let place = Place::new(input.path, span);
        let mut package = LockedPackage::new(name, version, origin, place);
        package.marker = field("conditions").unwrap_or("").into();
        if let Some(checksum) = field("checksum") {
            package.artifacts.push(LockedArtifact {
                filename: "".into(),
                url: None,
                hashes: Vec::new(),
                // of the archive that yarn makes of the tarball, after the key of its settings
                other_hashes: vec![checksum.into()],
                size: None,
            });
        }
        if let Origin::Member(folder) = &package.origin {
            package.folder = folder.clone();
        }
        nodes.push(&member.node);
        lock.packages.push(package);
    }
    let find = |name: &str, range: &str| {
        let direct = descriptors.get(&*format!("{name}@{range}"));
        let direct = direct.or_else(|| descriptors.get(&*format!("{name}@npm:{range}")));
        direct.or_else(|| names.get(name)).copied()
    };
    for (index, node) in nodes.iter().enumerate() {
        let optional = |name: &str| {
            let meta = node.get("dependenciesMeta").and_then(|m| m.get(name));
            meta.and_then(|m| m.get("optional")).and_then(Node::text) == Some("true")
        };
        let needs = node.get("dependencies").map_or(&[][..], Node::members);
        let edges: Vec<Edge> = needs
            .iter()
            .map(|need| {
                let range = need.node.text().unwrap_or("");
                let mut edge = Edge::new(&need.key, find(&need.key, range));
                edge.specifier = range.strip_prefix("npm:").unwrap_or(range).into();
                edge.group = if optional(&need.key) {
                    Group::Optional
                } else {
                    Group::Main
                };
                edge
            })
            .collect();
        if matches!(lock.packages[index].origin, Origin::Member(_)) {
            lock.roots.push(Root {
                name: lock.packages[index].name.clone(),
                package: Some(index),
                dependencies: edges.clone(),
            });
        }
        lock.packages[index].dependencies = edges;
    }
    reach::mark_groups(&mut lock);
    problems.extend(source::problems(input.path, tree.problems));
    source::lock(lock, problems)
}

/// What a reference (`npm:1.0.0`, `workspace:packages/a`, `patch:…`) says.
fn located<'a>(
    name: &str,
    reference: &'a str,
    version: Option<&'a str>,
) -> (Origin, Option<&'a str>) {
    if let Some(folder) = reference.strip_prefix("workspace:") {
        // the version of a member is not kept: `0.0.0-use.local`
        return (Origin::Member(folder.into()), None);
    }
    let Some(rest) = reference.strip_prefix("npm:") else {
        let constraint = specifier(name, reference).constraint;
        let origin = source::asked_origin(&constraint).unwrap_or(Origin::Registry(None));
        return (origin, version);
    };
    // `npm:1.0.0::__archiveUrl=https%3A%2F%2F…` names an archive that lies elsewhere
    let registry = rest.split_once("::__archiveUrl=").map(|(_, url)| {
        let url = url.split('&').next().unwrap_or(url);
        percent_encoding::percent_decode_str(url)
            .decode_utf8_lossy()
            .into_owned()
    });
    let origin = registry.map_or(Origin::Registry(None), |url| {
        match source::origin(name, &url) {
            Origin::Registry(Some(found)) => Origin::Registry(Some(found)),
            _ => Origin::Registry(Some(Location::new(&url))),
        }
    });
    (origin, version)
}
