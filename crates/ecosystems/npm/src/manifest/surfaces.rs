//! What of a package runs without being imported: life-cycle scripts, commands, implicit native builds.

use foretaste_model::facts::{InstallSurface, SOURCE_INSTALL_ONLY, SurfaceKind};
use foretaste_model::manifest::ManifestFacts;

use super::{MAX_COMMAND, MAX_TEXT, Reading, cut};
use crate::json::{Node, Value};

/// Scripts that run when the package is installed from a registry.
pub const ON_INSTALL: [&str; 3] = ["preinstall", "install", "postinstall"];

/// Scripts that run only when it is installed from git or a folder (and when it is packed).
pub const ON_SOURCE_INSTALL: [&str; 5] = [
    "prepublish",
    "preprepare",
    "prepare",
    "postprepare",
    "prepack",
];

pub(super) fn read<'a>(
    reading: &mut Reading<'a>,
    root: &'a Node,
    facts: &mut ManifestFacts,
) -> Vec<InstallSurface> {
    let mut surfaces = scripts(reading, root, facts);
    native_build(reading, root, facts, &mut surfaces);
    commands(reading, root, facts, &mut surfaces);
    mains(reading, root, &mut surfaces);
    surfaces
}

/// How many files of `main`, `module`, `browser` and `exports` are followed.
const MAX_MAINS: usize = 64;

/// The files that importing the package loads. `index.js`, npm's default, needs no entry.
fn mains(reading: &Reading<'_>, root: &Node, surfaces: &mut Vec<InstallSurface>) {
    let mut found = Vec::new();
    for field in ["main", "module", "browser", "exports"] {
        if let Some(node) = root.get(field) {
            paths_below(node, field, 0, &mut found);
        }
    }
    for (field, path, node) in found {
        surfaces.push(InstallSurface {
            kind: SurfaceKind::Main,
            name: field.into(),
            command: cut(path, MAX_TEXT),
            target: "".into(),
            span: Some(reading.document.span(node.start, node.end)),
        });
    }
}

/// Collects the paths in a field: a string, or conditions and subpaths as nested objects and lists.
fn paths_below<'a>(
    node: &'a Node,
    field: &'static str,
    depth: u8,
    found: &mut Vec<(&'static str, &'a str, &'a Node)>,
) {
    if depth > 8 || found.len() >= MAX_MAINS {
        return;
    }
    match &node.value {
        Value::String(path) if !path.contains('*') => found.push((field, path, node)),
        Value::Object(members) => {
            for member in members.iter().take(super::MAX_ENTRIES) {
                paths_below(&member.node, field, depth + 1, found);
            }
        }
        Value::Array(items) => {
            for item in items.iter().take(super::MAX_ENTRIES) {
                paths_below(item, field, depth + 1, found);
            }
        }
        _ => {}
    }
}

fn scripts<'a>(
    reading: &mut Reading<'a>,
    root: &'a Node,
    facts: &mut ManifestFacts,
) -> Vec<InstallSurface> {
    let mut surfaces = Vec::new();
    let Some(node) = root.get("scripts") else {
        return surfaces;
    };
    if node.kind() != "an object" {
        if node.kind() != "null" {
            reading.wrong_type("scripts", node, "an object");
        }
        return surfaces;
    }
    for member in reading.bounded("scripts", node, node.members()) {
        let name = &*member.key;
        let Some(command) = member.node.text() else {
            // tools keep their settings here (`"config": {...}`); npm ignores what is no string
            if ON_INSTALL.contains(&name) {
                reading.wrong_type(&format!("scripts.{name}"), &member.node, "a string");
            }
            continue;
        };
        let command = cut(command, MAX_COMMAND);
        facts.scripts.push((cut(name, MAX_TEXT), command.clone()));
        let name = if ON_INSTALL.contains(&name) {
            name.to_owned()
        } else if ON_SOURCE_INSTALL.contains(&name) {
            format!("{name}{SOURCE_INSTALL_ONLY}")
        } else {
            continue;
        };
        if command.trim().is_empty() {
            continue;
        }
        surfaces.push(InstallSurface {
            kind: SurfaceKind::NpmLifecycle,
            name: name.into(),
            command,
            target: "".into(),
            span: Some(reading.document.span(member.node.start, member.node.end)),
        });
    }
    surfaces
}

/// `gypfile: true` without an install script: npm runs `node-gyp rebuild`.
fn native_build(
    reading: &Reading<'_>,
    root: &Node,
    facts: &ManifestFacts,
    surfaces: &mut Vec<InstallSurface>,
) {
    let Some(node) = root.get("gypfile") else {
        return;
    };
    let has_script = facts
        .scripts
        .iter()
        .any(|(name, _)| matches!(&**name, "install" | "preinstall"));
    if node.value == Value::Bool(true) && !has_script {
        surfaces.push(InstallSurface {
            kind: SurfaceKind::BindingGyp,
            name: "gypfile".into(),
            command: "node-gyp rebuild".into(),
            target: "binding.gyp".into(),
            span: Some(reading.document.span(node.start, node.end)),
        });
    }
}

fn commands<'a>(
    reading: &mut Reading<'a>,
    root: &'a Node,
    facts: &ManifestFacts,
    surfaces: &mut Vec<InstallSurface>,
) {
    let mut push = |name: &str, command: &str, node: &Node| {
        surfaces.push(InstallSurface {
            kind: SurfaceKind::Bin,
            name: cut(name, MAX_TEXT),
            command: cut(command, MAX_TEXT),
            target: "".into(),
            span: Some(reading.document.span(node.start, node.end)),
        });
    };
    let own_name = facts.name.as_deref().unwrap_or("");
    let own_name = own_name.rsplit('/').next().unwrap_or(own_name);
    let mut wrong = Vec::new();
    if let Some(node) = root.get("bin") {
        match &node.value {
            Value::String(path) => push(own_name, path, node),
            Value::Object(members) => {
                for member in members.iter().take(super::MAX_ENTRIES) {
                    match member.node.text() {
                        Some(path) => push(&member.key, path, &member.node),
                        None => wrong.push((format!("bin.{}", member.key), &member.node)),
                    }
                }
            }
            Value::Array(items) => {
                for path in items.iter().take(super::MAX_ENTRIES) {
                    if let Some(text) = path.text() {
                        push(text.rsplit('/').next().unwrap_or(text), text, path);
                    }
                }
            }
            Value::Null | Value::Bool(false) => {}
            _ => wrong.push(("bin".to_owned(), node)),
        }
    }
    if let Some(folder) = root.get("directories").and_then(|d| d.get("bin"))
        && let Some(text) = folder.text()
    {
        push("directories.bin", text, folder);
    }
    for (field, node) in wrong {
        reading.wrong_type(&field, node, "a path");
    }
}
