//! `yarn.lock` of yarn 1: indented lines of `key value`; of yarn 2 and later, see [`super::yarn_berry`].

use std::collections::HashMap;

use foretaste_model::Digest;
use foretaste_project::{
    Edge, Format, Group, Input, Lock, LockedPackage, Origin, Place, Problem, Reading, Root, Text,
};

use super::package_json::TABLES;
use super::package_lock::covers;
use super::source::{self, folder, join};
use super::specifier::{specifier, split};
use super::{reach, yarn_berry};
use crate::json::{self, Node};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let mut problems = Vec::new();
    let text = source::text(input, &mut problems);
    if text
        .lines()
        .take(20)
        .any(|line| line.starts_with("__metadata:"))
    {
        return yarn_berry::read(input, &text, problems);
    }
    let mut lock = Lock::new(Format::YarnLock, input.path);
    lock.format_version = "1".into();
    let text = Text::new(input.path, &text);
    let entries = entries(&text, &mut problems);
    // every pattern that asks for an entry, and the entries of a name for what an override answers
    let mut patterns: HashMap<String, usize> = HashMap::new();
    let mut names: HashMap<String, usize> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        let first = entry.patterns.first().map_or("", String::as_str);
        let (key, range) = split(first);
        let asked = specifier(key, range);
        let (url, sha1) = entry
            .resolved
            .split_once('#')
            .unwrap_or((entry.resolved, ""));
        let url = (!url.is_empty()).then_some(url);
        let origin = source::asked_origin(&asked.constraint).unwrap_or_else(|| {
            url.map_or(Origin::Registry(None), |u| source::origin(&asked.name, u))
        });
        let version = (!entry.version.is_empty()).then_some(entry.version);
        let mut package = LockedPackage::new(&asked.name, version, origin, entry.place.clone());
        let mut hashes = source::integrity(entry.integrity);
        hashes.extend(format!("sha1:{sha1}").parse::<Digest>().ok());
        package.artifacts.extend(source::artifact(url, hashes));
        lock.packages.push(package);
        for pattern in &entry.patterns {
            names.entry(split(pattern).0.to_owned()).or_insert(index);
            patterns.insert(pattern.clone(), index);
        }
    }
    let find = |name: &str, range: &str| {
        let exact = patterns.get(&format!("{name}@{range}"));
        exact.or_else(|| names.get(name)).copied()
    };
    for (index, entry) in entries.iter().enumerate() {
        lock.packages[index].dependencies = entry
            .needs
            .iter()
            .map(|(name, range, group)| {
                let mut edge = Edge::new(name, find(name, range));
                edge.specifier = (*range).into();
                edge.group = *group;
                edge
            })
            .collect();
    }
    // the lock does not say what the projects ask for: their manifests do
    for path in manifests(input) {
        if let Ok(bytes) = input.files.read(&path) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            lock.roots.push(root(&json::read(&text).root, &find));
        }
    }
    reach::mark_groups(&mut lock);
    source::lock(lock, problems)
}

fn root(manifest: &Node, find: &impl Fn(&str, &str) -> Option<usize>) -> Root {
    let mut dependencies = Vec::new();
    for (field, group) in TABLES.iter().filter(|(_, group)| *group != Group::Peer) {
        for member in manifest.get(field).map_or(&[][..], Node::members) {
            let range = member.node.text().unwrap_or("");
            let mut edge = Edge::new(&member.key, find(&member.key, range));
            edge.specifier = range.into();
            edge.group = *group;
            dependencies.push(edge);
        }
    }
    Root {
        name: manifest
            .get("name")
            .and_then(Node::text)
            .unwrap_or("")
            .into(),
        package: None,
        dependencies,
    }
}

/// The manifest beside the lock, and those of the members that its patterns cover.
fn manifests(input: &Input<'_>) -> Vec<String> {
    let top = folder(input.path);
    let root = join(top, "package.json");
    let mut found = vec![root.clone()];
    let Ok(bytes) = input.files.read(&root) else {
        return found;
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let manifest = json::read(&text);
    let workspaces = manifest.root.get("workspaces");
    let patterns = workspaces.map_or(&[][..], |w| w.get("packages").unwrap_or(w).items());
    for pattern in patterns.iter().filter_map(Node::text).take(1_000) {
        let fixed: Vec<&str> = pattern
            .split('/')
            .take_while(|p| !p.contains('*'))
            .collect();
        let below = fixed.join("/");
        let below = below.trim_start_matches("./");
        if !pattern.contains('*') {
            found.push(join(&join(top, below), "package.json"));
            continue;
        }
        for name in input.files.folders(&join(top, below)) {
            let member = join(below, &name);
            if covers(pattern, &member) {
                found.push(join(&join(top, &member), "package.json"));
            }
        }
    }
    found
}

/// An entry as written.
struct Entry<'a> {
    patterns: Vec<String>,
    version: &'a str,
    resolved: &'a str,
    integrity: &'a str,
    needs: Vec<(&'a str, &'a str, Group)>,
    place: Place,
}

fn entries<'a>(text: &Text<'a>, problems: &mut Vec<Problem>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut table = None;
    for (number, line) in (1..).zip(text.text().lines()) {
        let body = line.trim();
        if body.is_empty() || body.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start_matches(' ').len();
        let place = || text.line(number);
        if body.starts_with("<<<<<<<") || body.starts_with("=======") || body.starts_with(">>>>>>>")
        {
            problems.push(
                Problem::new(place(), "a merge conflict stands in the lock")
                    .hint("run `yarn install` to resolve it"),
            );
            continue;
        }
        if indent == 0 {
            table = None;
            let Some(keys) = body.strip_suffix(':') else {
                problems.push(Problem::new(
                    place(),
                    "`:` was expected at the end of this line",
                ));
                continue;
            };
            entries.push(Entry {
                patterns: patterns(keys),
                version: "",
                resolved: "",
                integrity: "",
                needs: Vec::new(),
                place: place(),
            });
            continue;
        }
        let Some(entry) = entries.last_mut() else {
            problems.push(Problem::new(place(), "this line belongs to no entry"));
            continue;
        };
        if indent == 2 {
            table = match body {
                "dependencies:" => Some(Group::Main),
                "optionalDependencies:" => Some(Group::Optional),
                _ => None,
            };
            if table.is_some() {
                continue;
            }
            let (key, value) = pair(body);
            match key {
                "version" => entry.version = value,
                "resolved" => entry.resolved = value,
                "integrity" => entry.integrity = value,
                _ => {}
            }
        } else if let Some(group) = table {
            let (name, range) = pair(body);
            entry.needs.push((name, range, group));
        }
    }
    entries
}

/// `a@^1, "b@npm:c@^2"`.
fn patterns(keys: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = keys.trim();
    while !rest.is_empty() {
        let (one, after) = if let Some(inner) = rest.strip_prefix('"') {
            inner.split_once('"').unwrap_or((inner, ""))
        } else {
            rest.split_once(',').unwrap_or((rest, ""))
        };
        found.push(one.trim().to_owned());
        rest = after.trim_start_matches([',', ' ']);
    }
    found
}

/// `key value`, either of which may be quoted.
fn pair(line: &str) -> (&str, &str) {
    let (key, rest) = match line.strip_prefix('"') {
        Some(inner) => inner.split_once('"').unwrap_or((inner, "")),
        None => line.split_once(' ').unwrap_or((line, "")),
    };
    (key, rest.trim().trim_matches('"'))
}
