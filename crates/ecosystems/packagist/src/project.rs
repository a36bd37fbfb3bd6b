//! `composer.json` and `composer.lock` of a project.

use std::collections::HashMap;
use std::sync::Arc;

use foretaste_model::PackageName;
use foretaste_model::facts;
use foretaste_npm::json::{self, Document as Json, Node};
use foretaste_project::{
    Constraint, Document, Edge, Format, Group, Input, Location, Lock, LockedArtifact,
    LockedPackage, Manifest, Origin, Place, Problem, Reader, Reading, Requirement, Root,
};

/// How each file is read.
pub const READERS: &[Reader] = &[
    Reader {
        format: Format::ComposerJson,
        matches: |path| path.rsplit('/').next() == Some("composer.json"),
        read: manifest,
    },
    Reader {
        format: Format::ComposerLock,
        matches: |path| path.rsplit('/').next() == Some("composer.lock"),
        read: lock,
    },
];

const TABLES: [(&str, Group); 2] = [("require", Group::Main), ("require-dev", Group::Dev)];

fn manifest(input: &Input<'_>) -> Reading {
    let text = String::from_utf8_lossy(input.bytes);
    let document = json::read(&text);
    let mut manifest = Manifest::new(Format::ComposerJson, input.path);
    let root = &document.root;
    manifest.name = root.get("name").and_then(Node::text).map(Into::into);
    manifest.version = root.get("version").and_then(Node::text).map(Into::into);
    for (field, group) in TABLES {
        for member in root.get(field).map_or(&[][..], Node::members) {
            let specifier = member.node.text().unwrap_or("");
            if is_platform(&member.key) {
                if &*member.key == "php" {
                    manifest.requires = Some(specifier.into());
                }
                continue;
            }
            let place = place(input.path, &document, member.start, member.node.end);
            let mut made = Requirement::new(&member.key, place);
            made.specifier = specifier.into();
            made.constraint = constraint(specifier);
            made.group = group;
            manifest.requirements.push(made);
        }
    }
    reading(Document::Manifest(manifest), input.path, document.problems)
}

/// `php`, `ext-json`, `lib-curl`, `composer-runtime-api`: what the machine provides. Packages have a vendor.
fn is_platform(name: &str) -> bool {
    !name.contains('/')
}

/// <https://getcomposer.org/doc/articles/versions.md>
fn constraint(text: &str) -> Constraint {
    let text = text.trim().split('@').next().unwrap_or("").trim();
    let exact = text.trim_start_matches(['=', 'v']);
    let number = exact.split(['-', '+']).next().unwrap_or("");
    let parts = number.split('.').count();
    if text.is_empty() || text == "*" {
        return Constraint::Any;
    }
    // a branch moves
    if text.starts_with("dev-") || text.ends_with("-dev") {
        return Constraint::Any;
    }
    let digits = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit());
    let single = !exact.contains([' ', ',', '|', '*', '<', '>', '~', '^']);
    if single && parts >= 2 && number.split('.').all(digits) {
        return Constraint::Pinned(exact.into());
    }
    if text.starts_with('>') && !text.contains(['<', '|', ',', ' ']) {
        return Constraint::AtLeast;
    }
    Constraint::Range
}

fn lock(input: &Input<'_>) -> Reading {
    let text = String::from_utf8_lossy(input.bytes);
    let document = json::read(&text);
    let mut lock = Lock::new(Format::ComposerLock, input.path);
    let root = &document.root;
    let api = root.get("plugin-api-version").and_then(Node::text);
    lock.format_version = api.unwrap_or("").into();
    let hash = root.get("content-hash").and_then(Node::text);
    lock.manifest_hash = hash.map(Into::into);
    let mut names: HashMap<PackageName, usize> = HashMap::new();
    let (mut nodes, mut nameless) = (Vec::new(), Vec::new());
    for (field, group) in [("packages", Group::Main), ("packages-dev", Group::Dev)] {
        for node in root.get(field).map_or(&[][..], Node::items) {
            let place = place(input.path, &document, node.start, node.end);
            let Some(name) = node.get("name").and_then(Node::text) else {
                nameless.push(Problem::new(place, "an entry has no name"));
                continue;
            };
            let mut package = package(node, name, place);
            package.group = group;
            names.insert(PackageName::new(lock.ecosystem, name), lock.packages.len());
            nodes.push(node);
            lock.packages.push(package);
        }
    }
    // a fork may say that it stands for another package
    for (index, node) in nodes.iter().enumerate() {
        for field in ["replace", "provide"] {
            for member in node.get(field).map_or(&[][..], Node::members) {
                let key = PackageName::new(lock.ecosystem, &member.key);
                names.entry(key).or_insert(index);
            }
        }
    }
    let ecosystem = lock.ecosystem;
    let edges = |node: &Node, tables: &[(&str, Group)]| -> Vec<Edge> {
        let mut edges = Vec::new();
        for (field, group) in tables {
            for member in node.get(field).map_or(&[][..], Node::members) {
                if is_platform(&member.key) {
                    continue;
                }
                let to = names
                    .get(&PackageName::new(ecosystem, &member.key))
                    .copied();
                let mut edge = Edge::new(&member.key, to);
                edge.specifier = member.node.text().unwrap_or("").into();
                edge.group = *group;
                edges.push(edge);
            }
        }
        edges
    };
    for (index, node) in nodes.iter().enumerate() {
        // what a package needs in order to be developed is not installed with it
        lock.packages[index].dependencies = edges(node, &TABLES[..1]);
    }
    // the lock does not say what the project asks for: its manifest does
    let beside = input.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let beside = [beside, "composer.json"].join("/");
    if let Ok(bytes) = input.files.read(beside.trim_start_matches('/')) {
        let text = String::from_utf8_lossy(&bytes);
        let manifest = json::read(&text);
        lock.roots.push(Root {
            name: manifest
                .root
                .get("name")
                .and_then(Node::text)
                .unwrap_or("")
                .into(),
            package: None,
            dependencies: edges(&manifest.root, &TABLES),
        });
    }
    let mut reading = reading(Document::Lock(lock), input.path, document.problems);
    reading.problems.extend(nameless);
    reading
}

fn package(node: &Node, name: &str, place: Place) -> LockedPackage {
    let version = node.get("version").and_then(Node::text);
    let part = |kind: &str, field: &str| {
        let text = node
            .get(kind)
            .and_then(|k| k.get(field))
            .and_then(Node::text);
        text.filter(|t| !t.is_empty())
    };
    // the registry names itself where a package was announced to it; all else is a repository or folder
    let origin = if part("dist", "type") == Some("path") {
        Origin::Path {
            path: part("dist", "url").unwrap_or("").into(),
            editable: true,
        }
    } else if node.get("notification-url").is_some() {
        Origin::Registry(None)
    } else if let Some(url) = part("source", "url") {
        Origin::Vcs {
            url: Location::new(url),
            rev: part("source", "reference").map(Into::into),
            subdirectory: None,
        }
    } else {
        part("dist", "url").map_or(Origin::Registry(None), |u| Origin::Url(Location::new(u)))
    };
    let mut package = LockedPackage::new(name, version, origin, place);
    let sha1 = part("dist", "shasum").and_then(|s| format!("sha1:{s}").parse().ok());
    let reference = part("dist", "reference").or_else(|| part("source", "reference"));
    if part("dist", "url").is_some() || reference.is_some() {
        package.artifacts.push(LockedArtifact {
            filename: "".into(),
            url: part("dist", "url").map(Location::new),
            hashes: sha1.into_iter().collect(),
            other_hashes: Vec::new(),
            size: None,
        });
    }
    let plugin = node.get("type").and_then(Node::text) == Some("composer-plugin");
    package.install_script = plugin.then_some(true);
    package
}

fn place(path: &Arc<str>, document: &Json<'_>, start: u32, end: u32) -> Place {
    Place::new(path, document.span(start, end))
}

fn reading(document: Document, path: &Arc<str>, problems: Vec<facts::Problem>) -> Reading {
    let problems = problems.into_iter().map(|p| {
        let place = p
            .span
            .map_or_else(|| Place::file(path), |s| Place::new(path, s));
        Problem::new(place, p.message)
    });
    Reading {
        problems: problems.collect(),
        document: Some(document),
    }
}

#[cfg(test)]
mod tests {
    use foretaste_project::NoFiles;
    use proptest::prelude::*;

    use super::*;

    fn read(name: &str, text: &str) -> (Document, Vec<Problem>) {
        let path: Arc<str> = name.into();
        let reader = READERS
            .iter()
            .find(|r| (r.matches)(name))
            .expect("a reader");
        let reading = (reader.read)(&Input {
            path: &path,
            bytes: text.as_bytes(),
            files: &NoFiles,
        });
        (reading.document.expect("a document"), reading.problems)
    }

    #[test]
    fn platform_packages_are_left_out_and_constraints_are_told_apart() {
        let (document, problems) = read(
            "composer.json",
            "{\n \"name\": \"acme/shop\",\n \"require\": {\n  \"php\": \">=8.1\", \"ext-json\": \"*\",\n  \"acme/a\": \"1.2.3\",\n  \"acme/b\": \"^1.2\",\n  \"acme/c\": \">=1\",\n  \"acme/d\": \"dev-main\"\n },\n \"require-dev\": {\"acme/e\": \"*\"}\n}",
        );
        assert_eq!(problems, []);
        let Document::Manifest(manifest) = document else {
            unreachable!("a manifest");
        };
        let kinds: Vec<&Constraint> = manifest
            .requirements
            .iter()
            .map(|r| &r.constraint)
            .collect();
        assert_eq!(
            kinds,
            [
                &Constraint::Pinned("1.2.3".into()),
                &Constraint::Range,
                &Constraint::AtLeast,
                &Constraint::Any,
                &Constraint::Any
            ]
        );
        assert_eq!(manifest.requires.as_deref(), Some(">=8.1"));
        assert_eq!(manifest.requirements[1].place.span.line, 6);
    }

    #[test]
    fn locked_packages_keep_origin_hash_and_needs() {
        let (document, problems) = read(
            "composer.lock",
            r#"{"content-hash": "abc", "packages": [
              {"name": "acme/a", "version": "1.0.0", "notification-url": "https://registry.example/", "require": {"php": "*", "Acme/B": "^2", "psr/x": "1"},
               "dist": {"type": "zip", "url": "https://files.example/a.zip", "shasum": "0123456789012345678901234567890123456789"}},
              {"name": "acme/b", "version": "2.0.0", "provide": {"psr/x": "1"}, "source": {"type": "git", "url": "https://git.example/b", "reference": "f00"}}],
             "packages-dev": [{"name": "acme/c", "version": "dev-main", "type": "composer-plugin", "dist": {"type": "path", "url": "../c"}}]}"#,
        );
        assert_eq!(problems, []);
        let Document::Lock(lock) = document else {
            unreachable!("a lock");
        };
        let to: Vec<Option<usize>> = lock.packages[0].dependencies.iter().map(|e| e.to).collect();
        assert_eq!(to, [Some(1), Some(1)]);
        assert_eq!(lock.packages[0].artifacts[0].hashes.len(), 1);
        assert!(!lock.packages[0].is_hashed(), "SHA-1 proves nothing");
        assert!(
            matches!(&lock.packages[1].origin, Origin::Vcs { rev: Some(r), .. } if &**r == "f00")
        );
        assert_eq!(lock.packages[2].group, Group::Dev);
        assert_eq!(lock.packages[2].install_script, Some(true));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}", parts in proptest::collection::vec(
            proptest::sample::select(vec!["{", "}", "[", "]", "\"packages\":", "\"name\":", "\"a/b\"", "\"require\":", ",", "\"dist\":", "é"]), 0..40)) {
            for name in ["composer.json", "composer.lock"] {
                let _ = (read(name, &text), read(name, &parts.concat()));
            }
        }
    }
}
