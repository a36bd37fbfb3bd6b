//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3, and npm's record of what it installed.

use std::collections::HashMap;

use foretaste_project::{
    Edge, Format, Group, Input, Lock, LockedPackage, Origin, Place, Reading, Root,
};

use super::package_json::TABLES;
use super::source::{self, folder, join};
use super::specifier::specifier;
use crate::json::{self, Document, Node, Value};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let mut problems = Vec::new();
    let text = source::text(input, &mut problems);
    let document = json::read(&text);
    let mut lock = Lock::new(Format::PackageLock, input.path);
    lock.format_version = match document.root.get("lockfileVersion").map(|v| &v.value) {
        Some(Value::Number(number)) => number.clone(),
        _ => "1".into(),
    };
    if let Some(packages) = document.root.get("packages") {
        flat(&document, packages, &mut lock);
    } else {
        nested(&document, input, &mut lock);
    }
    problems.extend(source::problems(input.path, document.problems));
    source::lock(lock, problems)
}

/// Versions 2 and 3: one table, whose keys are folders.
fn flat(document: &Document<'_>, packages: &Node, lock: &mut Lock) {
    // links lead to the folders that they stand for
    let mut links: HashMap<&str, &str> = HashMap::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    let mut projects: Vec<(&str, &Node, Option<usize>)> = Vec::new();
    let patterns: Vec<&str> = packages
        .get("")
        .and_then(|root| root.get("workspaces"))
        .map_or(&[][..], |w| w.get("packages").unwrap_or(w).items())
        .iter()
        .filter_map(Node::text)
        .collect();
    let mut entries: Vec<(&str, &Node)> = Vec::new();
    for member in packages.members() {
        let (key, node) = (&*member.key, &member.node);
        if node
            .get("link")
            .is_some_and(|l| l.value == Value::Bool(true))
        {
            links.insert(key, node.get("resolved").and_then(Node::text).unwrap_or(""));
            continue;
        }
        if key.is_empty() {
            projects.push((key, node, None));
            continue;
        }
        let own = key.rsplit_once("node_modules/").map_or(key, |(_, own)| own);
        let name = node.get("name").and_then(Node::text).unwrap_or(own);
        let version = node.get("version").and_then(Node::text);
        let resolved = node.get("resolved").and_then(Node::text);
        let inside = key.starts_with("node_modules/") || key.contains("/node_modules/");
        let origin = if !inside && patterns.iter().any(|p| covers(p, key)) {
            Origin::Member(key.into())
        } else if !inside {
            Origin::Path {
                path: key.into(),
                editable: true,
            }
        } else {
            resolved.map_or(Origin::Registry(None), |r| source::origin(name, r))
        };
        let place = Place::new(&lock.path, document.span(member.start, node.end));
        let mut package = LockedPackage::new(name, version, origin, place);
        package.folder = key.into();
        let hashes = node
            .get("integrity")
            .and_then(Node::text)
            .map(source::integrity);
        package
            .artifacts
            .extend(source::artifact(resolved, hashes.unwrap_or_default()));
        describe(&mut package, node);
        if !inside {
            projects.push((key, node, Some(lock.packages.len())));
        }
        at.insert(key, lock.packages.len());
        entries.push((key, node));
        lock.packages.push(package);
    }
    let find = |from: &str, name: &str| -> Option<usize> {
        let mut here = from;
        loop {
            if here != "node_modules" && !here.ends_with("/node_modules") {
                let candidate = join(here, &format!("node_modules/{name}"));
                let candidate = links.get(&*candidate).copied().unwrap_or(&candidate);
                if let Some(found) = at.get(candidate) {
                    return Some(*found);
                }
            }
            if here.is_empty() {
                return None;
            }
            here = folder(here);
        }
    };
    for (index, (key, node)) in entries.iter().enumerate() {
        let edges = edges(node, false, |name| find(key, name));
        lock.packages[index].dependencies = edges;
    }
    for (key, node, package) in projects {
        let name = node.get("name").and_then(Node::text);
        let name = name.or_else(|| package.and_then(|p| Some(&*lock.packages.get(p)?.name)));
        let name = name.or_else(|| document.root.get("name").and_then(Node::text));
        lock.roots.push(Root {
            name: name.unwrap_or(key).into(),
            package,
            dependencies: edges(node, true, |name| find(key, name)),
        });
    }
    // npm installs every member as if the project asked for it
    let members: Vec<Edge> = (lock.packages.iter().enumerate())
        .filter(|(_, p)| matches!(p.origin, Origin::Member(_)))
        .map(|(index, p)| Edge::new(&p.name, Some(index)))
        .collect();
    if let Some(root) = lock.roots.iter_mut().find(|r| r.package.is_none()) {
        root.dependencies.extend(members);
    }
    correct_origins(lock);
}

/// The needs of an entry. What a package needs in order to be developed is not installed with it.
fn edges(node: &Node, develops: bool, find: impl Fn(&str) -> Option<usize>) -> Vec<Edge> {
    let mut edges: Vec<Edge> = Vec::new();
    for (field, group) in TABLES {
        if group == Group::Dev && !develops {
            continue;
        }
        for member in node.get(field).map_or(&[][..], Node::members) {
            if edges.iter().any(|e| *e.name == *member.key) {
                continue;
            }
            let mut edge = Edge::new(&member.key, find(&member.key));
            edge.specifier = member.node.text().unwrap_or("").into();
            edge.group = group;
            edges.push(edge);
        }
    }
    edges
}

/// What was asked for by its address comes from there, whatever the address looks like.
fn correct_origins(lock: &mut Lock) {
    let roots = lock.roots.iter().flat_map(|r| &r.dependencies);
    let edges = lock
        .packages
        .iter()
        .flat_map(|p| &p.dependencies)
        .chain(roots);
    let asked: Vec<(usize, Origin)> = edges
        .filter(|e| e.specifier.contains([':', '/']))
        .filter_map(|e| {
            let constraint = specifier(&e.name, &e.specifier).constraint;
            Some((e.to?, source::asked_origin(&constraint)?))
        })
        .collect();
    for (index, origin) in asked {
        if let Some(package) = lock.packages.get_mut(index)
            && matches!(package.origin, Origin::Registry(_))
        {
            package.origin = origin;
        }
    }
}

fn describe(package: &mut LockedPackage, node: &Node) {
    let flag = |name: &str| node.get(name).is_some_and(|n| n.value == Value::Bool(true));
    package.group = if flag("dev") || flag("devOptional") {
        Group::Dev
    } else if flag("optional") {
        Group::Optional
    } else if flag("peer") {
        Group::Peer
    } else {
        Group::Main
    };
    for (field, word) in [("inBundle", "bundled"), ("bundled", "bundled")] {
        if flag(field) {
            package.groups.push(word.into());
        }
    }
    // npm writes it only where it is true
    package.install_script = Some(flag("hasInstallScript"));
}

/// Version 1: a tree, in which a need is looked for upwards.
fn nested(document: &Document<'_>, input: &Input<'_>, lock: &mut Lock) {
    let mut at: HashMap<String, usize> = HashMap::new();
    let mut needs: Vec<(String, &Node)> = Vec::new();
    let mut open: Vec<(String, &Node)> = vec![(String::new(), &document.root)];
    while let Some((above, node)) = open.pop() {
        let members = node.get("dependencies").map_or(&[][..], Node::members);
        for member in members {
            let key = join(&above, &format!("node_modules/{}", member.key));
            let written = member
                .node
                .get("version")
                .and_then(Node::text)
                .unwrap_or("");
            let resolved = member.node.get("resolved").and_then(Node::text);
            let read = specifier(&member.key, written);
            let exact = written.parse::<nodejs_semver::Version>().is_ok();
            let origin = source::asked_origin(&read.constraint).unwrap_or_else(|| {
                resolved.map_or(Origin::Registry(None), |r| source::origin(&read.name, r))
            });
            let version = match &origin {
                Origin::Registry(_) => Some(read.specifier.clone()),
                Origin::Url(url) => source::version_in(&read.name, url.expose()),
                _ if exact => Some(written.to_owned()),
                _ => None,
            };
            let place = Place::new(&lock.path, document.span(member.start, member.node.end));
            let mut package = LockedPackage::new(&read.name, version.as_deref(), origin, place);
            package.folder = (&*key).into();
            let url = resolved.or_else(|| written.starts_with("http").then_some(written));
            let hashes = member
                .node
                .get("integrity")
                .and_then(Node::text)
                .map(source::integrity);
            package
                .artifacts
                .extend(source::artifact(url, hashes.unwrap_or_default()));
            describe(&mut package, &member.node);
            at.insert(key.clone(), lock.packages.len());
            lock.packages.push(package);
            needs.push((key.clone(), &member.node));
            open.push((key, &member.node));
        }
    }
    let find = |from: &str, name: &str| -> Option<usize> {
        let mut here = from;
        loop {
            let candidate = join(here, &format!("node_modules/{name}"));
            if let Some(found) = at.get(&candidate) {
                return Some(*found);
            }
            if here.is_empty() {
                return None;
            }
            here = here
                .rsplit_once("node_modules/")
                .map_or("", |(up, _)| up.trim_end_matches('/'));
        }
    };
    for (index, (key, node)) in needs.iter().enumerate() {
        let requires = node.get("requires").map_or(&[][..], Node::members);
        lock.packages[index].dependencies = requires
            .iter()
            .map(|member| {
                let mut edge = Edge::new(&member.key, find(key, &member.key));
                edge.specifier = member.node.text().unwrap_or("").into();
                edge
            })
            .collect();
    }
    // the tree does not say what the project itself asks for: its manifest does
    let manifest = join(folder(input.path), "package.json");
    if let Ok(bytes) = input.files.read(&manifest) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let manifest = json::read(&text);
        lock.roots.push(Root {
            name: manifest
                .root
                .get("name")
                .and_then(Node::text)
                .unwrap_or("")
                .into(),
            package: None,
            dependencies: edges(&manifest.root, true, |name| find("", name)),
        });
    }
}

/// Whether a pattern of workspaces (`packages/*`, `apps/**`) covers a folder.
pub(super) fn covers(pattern: &str, folder: &str) -> bool {
    fn matches(pattern: &[&str], parts: &[&str], budget: &mut u32) -> bool {
        *budget = budget.saturating_sub(1);
        match (pattern.split_first(), parts.split_first()) {
            _ if *budget == 0 => false,
            (None, None) => true,
            (Some((&"**", rest)), _) => {
                (0..=parts.len()).any(|skip| matches(rest, &parts[skip..], budget))
            }
            (Some((first, rest)), Some((part, parts))) => {
                let fits = match first.split_once('*') {
                    Some((head, tail)) => {
                        part.len() >= head.len() + tail.len()
                            && part.starts_with(head)
                            && part.ends_with(tail)
                    }
                    None => first == part,
                };
                fits && matches(rest, parts, budget)
            }
            _ => false,
        }
    }
    let pattern: Vec<&str> = clean(pattern).collect();
    let parts: Vec<&str> = clean(folder).collect();
    matches(&pattern, &parts, &mut 10_000)
}

fn clean(text: &str) -> impl Iterator<Item = &str> {
    text.trim_start_matches("./")
        .split('/')
        .filter(|p| !p.is_empty())
}
