//! `pnpm-workspace.yaml`: members, catalogs and overrides; and where a `catalog:` of any client is looked up.

use foretaste_markup::{Node, yaml_tree};
use foretaste_project::{Format, Group, Input, Manifest, Place, Reading};

use super::package_json::requirement;
use super::source::{self, folder, join};
use crate::json;

pub(super) fn read(input: &Input<'_>) -> Reading {
    let mut problems = Vec::new();
    let text = source::text(input, &mut problems);
    let tree = yaml_tree(&text);
    let mut manifest = Manifest::new(Format::PnpmWorkspace, input.path);
    let packages = tree.root.get("packages").map_or(&[][..], Node::items);
    manifest.members = packages
        .iter()
        .filter_map(|p| Some(p.text()?.into()))
        .collect();
    let default = tree.root.get("catalog").map(|c| ("default", c));
    let named = tree.root.get("catalogs").map_or(&[][..], Node::members);
    for (name, catalog) in default
        .into_iter()
        .chain(named.iter().map(|m| (&*m.key, &m.node)))
    {
        for member in catalog.members() {
            let Some(text) = member.node.text() else {
                continue;
            };
            // a catalog asks for nothing: it says which version is meant where something does
            let place = Place::new(input.path, member.span);
            let mut made = requirement(&member.key, text, Group::Constraint, place);
            made.group_name = name.into();
            manifest.requirements.push(made);
        }
    }
    for member in tree.root.get("overrides").map_or(&[][..], Node::members) {
        if let Some(text) = member.node.text() {
            let name = member.key.rsplit('>').next().unwrap_or(&member.key);
            let name = super::specifier::split(name).0;
            let place = Place::new(input.path, member.span);
            manifest
                .requirements
                .push(requirement(name, text, Group::Override, place));
        }
    }
    problems.extend(source::problems(input.path, tree.problems));
    source::manifest(manifest, problems)
}

/// The specifier that a catalog has for a package: of pnpm in `pnpm-workspace.yaml`, of bun in the root's
/// `package.json`, of yarn in `.yarnrc.yml`; in the folder of the manifest or one above it.
pub(super) fn catalog(
    input: &Input<'_>,
    root: &json::Node,
    name: &str,
    package: &str,
) -> Option<String> {
    let name = if name.is_empty() { "default" } else { name };
    if let Some(found) = in_json(root, name, package) {
        return Some(found);
    }
    let mut at = folder(input.path);
    loop {
        for file in ["pnpm-workspace.yaml", ".yarnrc.yml"] {
            if let Ok(bytes) = input.files.read(&join(at, file)) {
                let tree = yaml_tree(&String::from_utf8_lossy(&bytes));
                let default = tree.root.get("catalog").filter(|_| name == "default");
                let named = tree.root.get("catalogs").and_then(|c| c.get(name));
                let found = default.or(named).and_then(|c| c.get(package));
                if let Some(text) = found.and_then(Node::text) {
                    return Some(text.to_owned());
                }
            }
        }
        if at.is_empty() {
            return None;
        }
        at = folder(at);
        if let Ok(bytes) = input.files.read(&join(at, "package.json")) {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some(found) = in_json(&json::read(&text).root, name, package) {
                return Some(found);
            }
        }
    }
}

fn in_json(root: &json::Node, name: &str, package: &str) -> Option<String> {
    [root.get("workspaces"), Some(root)]
        .into_iter()
        .flatten()
        .find_map(|at| {
            let default = at.get("catalog").filter(|_| name == "default");
            let named = at.get("catalogs").and_then(|c| c.get(name));
            default.or(named)?.get(package)?.text().map(str::to_owned)
        })
}
