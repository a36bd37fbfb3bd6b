//! `Pipfile.lock`, pipenv's lock: flat, without edges.

use foretaste_npm::json;
use foretaste_project::{
    DeclaredSource, Document, Format, Group, Input, Location, Lock, LockedArtifact, LockedPackage,
    Origin, Place, Problem, Reading, SourceKind, Text,
};

use super::{decode, spec};

pub(super) fn read(input: &Input<'_>) -> Reading {
    let (decoded, _) = decode::decode(input.bytes);
    let text = Text::new(input.path, &decoded);
    let document = json::read(&decoded);
    let mut lock = Lock::new(Format::PipfileLock, input.path);
    let problems = document
        .problems
        .iter()
        .map(|p| {
            let place = Place::new(text.path(), p.span.unwrap_or_default());
            Problem::new(place, p.message.clone())
        })
        .collect();
    let place = |node: &json::Node| text.place(&(node.start as usize..node.end as usize));
    let root = &document.root;
    if let Some(meta) = root.get("_meta") {
        let hash = meta.get("hash").and_then(|h| h.get("sha256"));
        lock.manifest_hash = hash.and_then(json::Node::text).map(Into::into);
        for (index, source) in meta
            .get("sources")
            .map(json::Node::items)
            .unwrap_or_default()
            .iter()
            .enumerate()
        {
            let field = |key: &str| source.get(key).and_then(json::Node::text);
            lock.sources.push(DeclaredSource {
                kind: if index == 0 {
                    SourceKind::Index
                } else {
                    SourceKind::ExtraIndex
                },
                name: field("name").map(Into::into),
                location: Location::new(field("url").unwrap_or_default()),
                explicit: index > 0,
                place: place(source),
            });
        }
    }
    for section in root.members() {
        if &*section.key == "_meta" {
            continue;
        }
        for member in section.node.members() {
            let at = member.start as usize;
            let key_place = text.place(&(at..at + member.key.len() + 2));
            let entry = entry(&member.key, &member.node, &section.key, key_place);
            // what both sections lock stands once
            let known = lock
                .packages
                .iter_mut()
                .find(|p| p.name == entry.name && p.version == entry.version);
            match known {
                Some(known) => known.groups.extend(entry.groups),
                None => lock.packages.push(entry),
            }
        }
    }
    Reading {
        document: Some(Document::Lock(lock)),
        problems,
    }
}

fn entry(name: &str, node: &json::Node, section: &str, place: Place) -> LockedPackage {
    let field = |key: &str| node.get(key).and_then(json::Node::text);
    let version = field("version")
        .map(|v| v.trim_start_matches('='))
        // another platform's package, which was not resolved here
        .filter(|v| *v != "*");
    let origin = if let Some(url) = field("git") {
        Origin::Vcs {
            url: Location::new(url),
            rev: field("ref").map(Into::into),
            subdirectory: field("subdirectory").map(Into::into),
        }
    } else if let Some(path) = field("path").or_else(|| field("file")) {
        if spec::is_url(path) {
            Origin::Url(Location::new(path))
        } else {
            Origin::Path {
                path: path.into(),
                editable: matches!(
                    node.get("editable").map(|n| &n.value),
                    Some(json::Value::Bool(true))
                ),
            }
        }
    } else {
        Origin::Registry(field("index").map(Location::new))
    };
    let mut package = LockedPackage::new(name, version, origin, place);
    for hash in node
        .get("hashes")
        .map(json::Node::items)
        .unwrap_or_default()
    {
        package.artifacts.push(LockedArtifact {
            filename: "".into(),
            url: None,
            hashes: hash
                .text()
                .and_then(|h| h.parse().ok())
                .into_iter()
                .collect(),
            other_hashes: Vec::new(),
            size: None,
        });
    }
    package.marker = field("markers").unwrap_or_default().into();
    package.group = if section == "default" {
        Group::Main
    } else {
        Group::Dev
    };
    package.groups = vec![section.into()];
    package
}
