//! `package.json` as what a project asks for.

use std::sync::Arc;

use foretaste_project::{
    Constraint, DeclaredOption, Format, Group, Input, Manifest, Place, Reading, Requirement,
};

use super::pnpm_workspace::catalog;
use super::source;
use super::specifier::{specifier, split};
use crate::json::{self, Document, Node, Value};

/// The tables of needs, and why each is there.
pub(super) const TABLES: [(&str, Group); 4] = [
    ("dependencies", Group::Main),
    ("optionalDependencies", Group::Optional),
    ("devDependencies", Group::Dev),
    ("peerDependencies", Group::Peer),
];

pub(super) fn read(input: &Input<'_>) -> Reading {
    let mut problems = Vec::new();
    let text = source::text(input, &mut problems);
    let document = json::read(&text);
    let mut reader = Reader {
        path: input.path,
        document: &document,
        manifest: Manifest::new(Format::PackageJson, input.path),
    };
    reader.read(input);
    let manifest = reader.manifest;
    problems.extend(source::problems(input.path, document.problems));
    source::manifest(manifest, problems)
}

struct Reader<'a> {
    path: &'a Arc<str>,
    document: &'a Document<'a>,
    manifest: Manifest,
}

impl Reader<'_> {
    fn place(&self, start: u32, end: u32) -> Place {
        Place::new(self.path, self.document.span(start, end))
    }

    fn read(&mut self, input: &Input<'_>) {
        let root = &self.document.root;
        self.manifest.name = root.get("name").and_then(Node::text).map(Into::into);
        self.manifest.version = root.get("version").and_then(Node::text).map(Into::into);
        let node = root.get("engines").and_then(|e| e.get("node"));
        self.manifest.requires = node.and_then(Node::text).map(Into::into);
        let workspaces = root.get("workspaces");
        let members = workspaces
            .and_then(|w| w.get("packages"))
            .or(workspaces)
            .map_or(&[][..], Node::items);
        self.manifest.members = members
            .iter()
            .filter_map(|m| Some(m.text()?.into()))
            .collect();
        for (field, group) in TABLES {
            for member in root.get(field).map_or(&[][..], Node::members) {
                let Some(text) = member.node.text() else {
                    continue;
                };
                let place = self.place(member.start, member.node.end);
                let mut requirement = requirement(&member.key, text, group, place);
                let optional = group == Group::Peer && is_optional_peer(root, &member.key);
                if optional {
                    requirement.marker = "optional".into();
                }
                if let Some(name) = text.strip_prefix("catalog:")
                    && let Some(found) = catalog(input, root, name, &member.key)
                {
                    let resolved = specifier(&member.key, &found);
                    requirement.name = Some(resolved.name.into());
                    requirement.constraint = resolved.constraint;
                }
                self.manifest.requirements.push(requirement);
            }
        }
        for (field, node) in [
            ("overrides", root.get("overrides")),
            ("resolutions", root.get("resolutions")),
            (
                "pnpm.overrides",
                root.get("pnpm").and_then(|p| p.get("overrides")),
            ),
        ] {
            if let Some(node) = node {
                self.overrides(field, node, "", 0);
            }
        }
        for field in [
            "bundleDependencies",
            "bundledDependencies",
            "packageManager",
        ] {
            if let Some(node) = root.get(field) {
                let value = match &node.value {
                    Value::Array(items) => items
                        .iter()
                        .filter_map(Node::text)
                        .collect::<Vec<_>>()
                        .join(" "),
                    Value::String(text) => text.to_string(),
                    _ => continue,
                };
                let place = self.place(node.start, node.end);
                self.manifest.options.push(DeclaredOption {
                    name: field.into(),
                    value: value.into(),
                    place,
                });
            }
        }
    }

    /// `overrides` nest: `{"a": {".": "1", "b": "2"}}`; resolutions and pnpm write paths: `a/b`, `a>b`, `**/b`.
    fn overrides(&mut self, field: &str, node: &Node, above: &str, depth: u32) {
        for member in node.members() {
            let key = if &*member.key == "." {
                above
            } else {
                &member.key
            };
            let Some(text) = member.node.text() else {
                if depth < 32 {
                    self.overrides(field, &member.node, key, depth + 1);
                }
                continue;
            };
            let name = overridden(key);
            let place = self.place(member.start, member.node.end);
            let mut made = requirement(name, text, Group::Override, place);
            made.group_name = field.into();
            if text.starts_with('$') {
                // `$name`: what the project itself asks for
                made.constraint = Constraint::Range;
            }
            self.manifest.requirements.push(made);
        }
    }
}

/// The package at the end of a path of an override, without its own version range.
fn overridden(key: &str) -> &str {
    let last = key.rsplit('>').next().unwrap_or(key);
    // `@scope/name` is one part, `**/name` and `parent/name` are two
    let parts: Vec<&str> = last.split('/').collect();
    let from = match parts.as_slice() {
        [.., scope, _] if scope.starts_with('@') => parts.len() - 2,
        _ => parts.len().saturating_sub(1),
    };
    let skipped: usize = parts.iter().take(from).map(|p| p.len() + 1).sum();
    split(last.get(skipped..).unwrap_or(last)).0
}

pub(super) fn requirement(key: &str, text: &str, group: Group, place: Place) -> Requirement {
    let read = specifier(key, text);
    let mut made = Requirement::new(&read.name, place);
    made.alias = (read.name != key).then(|| key.into());
    made.specifier = read.specifier.into();
    made.constraint = read.constraint;
    made.editable = read.editable;
    made.group = group;
    made
}

fn is_optional_peer(root: &Node, name: &str) -> bool {
    root.get("peerDependenciesMeta")
        .and_then(|m| m.get(name))
        .and_then(|m| m.get("optional"))
        .is_some_and(|o| o.value == Value::Bool(true))
}
