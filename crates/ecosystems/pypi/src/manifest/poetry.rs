//! `[tool.poetry]`, as poetry read it before it learnt PEP 621 and still does.

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource};

use super::people::mailbox;
use super::pyproject::entry_points;
use super::reading::{MAX_ENTRIES, Reading, stated, value};
use crate::toml_node::Node;

pub(super) fn read(reading: &mut Reading<'_>, poetry: Node<'_>) {
    let text = |key| poetry.text(key).and_then(stated);
    let facts = &mut reading.facts;
    facts.name = facts.name.take().or_else(|| text("name"));
    facts.version = facts.version.take().or_else(|| text("version"));
    facts.summary = facts.summary.take().or_else(|| text("description"));
    facts.license = facts.license.take().or_else(|| text("license"));
    facts.homepage = facts.homepage.take().or_else(|| text("homepage"));
    for (label, key) in [
        ("Repository", "repository"),
        ("Documentation", "documentation"),
    ] {
        if let Some(url) = poetry.text(key) {
            reading.url(label, url);
        }
    }
    if let Some(urls) = poetry.get("urls") {
        for (label, url) in urls.entries() {
            reading.url(label, url.str().unwrap_or_default());
        }
    }
    for key in ["authors", "maintainers"] {
        let list = poetry.get(key);
        for entry in list.into_iter().flat_map(Node::items).take(MAX_ENTRIES) {
            let people = mailbox(entry.str().unwrap_or_default());
            reading.facts.people.extend(people);
        }
    }
    // Poetry's plug-in for versions from the repository.
    if reading.facts.version.as_deref() == Some("0.0.0") {
        reading.facts.dynamic.push("version".into());
    }
    if let Some(table) = poetry.get("dependencies") {
        dependencies(reading, table, DependencyKind::Run);
    }
    if let Some(table) = poetry.get("dev-dependencies") {
        dependencies(reading, table, DependencyKind::Dev);
    }
    let groups = poetry.get("group").map(Node::entries).unwrap_or_default();
    for (_, group) in groups {
        if let Some(table) = group.get("dependencies") {
            dependencies(reading, table, DependencyKind::Dev);
        }
    }
    if let Some(scripts) = poetry.get("scripts") {
        entry_points(reading, "console_scripts", scripts);
    }
    let plugins = poetry.get("plugins").map(Node::entries).unwrap_or_default();
    for (group, table) in plugins {
        entry_points(reading, group, table);
    }
}

fn dependencies(reading: &mut Reading<'_>, table: Node<'_>, kind: DependencyKind) {
    for (name, node) in table.entries() {
        if name == "python" {
            if reading.facts.requires.is_none() {
                reading.facts.requires = node.str().and_then(stated);
            }
            continue;
        }
        if node.is_array() {
            // One constraint for each environment.
            for item in node.items().take(100) {
                dependency(reading, name, item, kind);
            }
        } else {
            dependency(reading, name, node, kind);
        }
    }
}

fn dependency(reading: &mut Reading<'_>, name: &str, node: Node<'_>, kind: DependencyKind) {
    let span = Some(reading.span(&node.range()));
    let requirement = node.str().or_else(|| node.text("version"));
    if requirement.is_none() && !node.is_table() {
        reading.problem(
            span,
            format!("the dependency {name:?} is neither a string nor a table"),
        );
        return;
    }
    let source = if let Some(url) = node.text("git") {
        let pin = ["rev", "tag", "branch"]
            .iter()
            .find_map(|key| node.text(key));
        DependencySource::Git(match pin {
            Some(pin) => value(&format!("{url}@{pin}")),
            None => value(url),
        })
    } else if let Some(url) = node.text("url") {
        DependencySource::Url(value(url))
    } else if let Some(path) = node.text("path") {
        DependencySource::Path(value(path))
    } else if let Some(registry) = node.text("source") {
        DependencySource::OtherRegistry(value(registry))
    } else {
        DependencySource::Registry
    };
    let optional = node.get("optional").and_then(Node::bool) == Some(true);
    reading.dependency(Dependency {
        name: value(name),
        requirement: value(requirement.unwrap_or_default()),
        kind: if optional && kind == DependencyKind::Run {
            DependencyKind::Optional
        } else {
            kind
        },
        source,
        condition: value(node.text("markers").unwrap_or_default()),
        span,
    });
}
