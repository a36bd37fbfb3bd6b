//! `bun.lock`: JSON with comments. Packages stand under the path on which a need of that name finds them: `a`, or
//! `b/a` where `b` needs another one.

use std::collections::HashMap;

use foretaste_project::{
    Edge, Format, Group, Input, Lock, LockedPackage, Origin, Place, Reading, Root,
};

use super::package_json::TABLES;
use super::reach;
use super::source;
use super::specifier::{specifier, split};
use crate::json::{self, Node, Value};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let mut problems = Vec::new();
    let text = source::text(input, &mut problems);
    let document = json::read_with_comments(&text);
    let root = &document.root;
    let mut lock = Lock::new(Format::BunLock, input.path);
    if let Some(Value::Number(number)) = root.get("lockfileVersion").map(|v| &v.value) {
        lock.format_version = number.clone();
    }
    let mut at: HashMap<&str, usize> = HashMap::new();
    let mut needs: Vec<(&str, Option<&Node>)> = Vec::new();
    for member in root.get("packages").map_or(&[][..], Node::members) {
        let parts = member.node.items();
        let Some(id) = parts.first().and_then(Node::text) else {
            continue;
        };
        let (name, reference) = split(id);
        let place = Place::new(input.path, document.span(member.start, member.node.end));
        let url = parts.get(1).and_then(Node::text).filter(|u| !u.is_empty());
        let (origin, version) = located(name, reference, url);
        let mut package = LockedPackage::new(name, version.as_deref(), origin, place);
        let texts = parts.iter().skip(1).filter_map(Node::text);
        let hashes = texts.flat_map(source::integrity).collect();
        let address = url
            .filter(|u| u.contains("://"))
            .or_else(|| reference.contains("://").then_some(reference));
        package.artifacts.extend(source::artifact(address, hashes));
        at.insert(&member.key, lock.packages.len());
        needs.push((&member.key, parts.iter().find(|p| !p.members().is_empty())));
        lock.packages.push(package);
    }
    let find = |from: &str, name: &str| {
        let mut here = from;
        loop {
            let key = source::join(here, name);
            if let Some(found) = at.get(key.as_str()) {
                return Some(*found);
            }
            if here.is_empty() {
                return None;
            }
            here = above(here);
        }
    };
    for (index, (key, node)) in needs.iter().enumerate() {
        if let Some(node) = node {
            lock.packages[index].dependencies = edges(node, false, |name| find(key, name));
        }
    }
    for member in root.get("workspaces").map_or(&[][..], Node::members) {
        let name = member
            .node
            .get("name")
            .and_then(Node::text)
            .unwrap_or(&member.key);
        let folder = &*member.key;
        let own = lock
            .packages
            .iter()
            .position(|p| matches!(&p.origin, Origin::Member(path) if &**path == folder));
        let from = if folder.is_empty() { "" } else { name };
        lock.roots.push(Root {
            name: name.into(),
            package: own,
            dependencies: edges(&member.node, true, |need| find(from, need)),
        });
    }
    reach::mark_groups(&mut lock);
    problems.extend(source::problems(input.path, document.problems));
    source::lock(lock, problems)
}

fn located(name: &str, reference: &str, url: Option<&str>) -> (Origin, Option<String>) {
    if let Some(folder) = reference.strip_prefix("workspace:") {
        return (Origin::Member(folder.into()), None);
    }
    if let Some(origin) = source::asked_origin(&specifier(name, reference).constraint) {
        return (origin, source::version_in(name, reference));
    }
    let registry = url.filter(|u| u.contains("://"));
    let origin = registry.map_or(Origin::Registry(None), |u| source::origin(name, u));
    (origin, Some(reference.to_owned()))
}

/// The path of the package in which this one lies: `a/@b/c` lies in `a`.
fn above(path: &str) -> &str {
    let Some((up, _)) = path.rsplit_once('/') else {
        return "";
    };
    let scope = up.rsplit('/').next().unwrap_or(up);
    if scope.starts_with('@') {
        up.rsplit_once('/').map_or("", |(up, _)| up)
    } else {
        up
    }
}

fn edges(node: &Node, develops: bool, find: impl Fn(&str) -> Option<usize>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (field, group) in TABLES {
        if group == Group::Dev && !develops {
            continue;
        }
        for member in node.get(field).map_or(&[][..], Node::members) {
            let mut edge = Edge::new(&member.key, find(&member.key));
            edge.specifier = member.node.text().unwrap_or("").into();
            edge.group = group;
            edges.push(edge);
        }
    }
    edges
}
