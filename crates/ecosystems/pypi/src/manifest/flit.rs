//! `[tool.flit]` from before PEP 621. Version and summary come from the module itself.

use foretaste_model::manifest::DependencyKind;

use super::people::person;
use super::pyproject::{entry_points, requirements};
use super::reading::{Reading, stated};
use crate::toml_node::Node;

pub(super) fn read(reading: &mut Reading<'_>, flit: Node<'_>) {
    if let Some(metadata) = flit.get("metadata") {
        let text = |key| metadata.text(key).and_then(stated);
        reading.facts.name = reading
            .facts
            .name
            .take()
            .or_else(|| text("dist-name"))
            .or_else(|| text("module"));
        reading.facts.homepage = reading.facts.homepage.take().or_else(|| text("home-page"));
        reading.facts.license = reading.facts.license.take().or_else(|| text("license"));
        reading.facts.requires = reading
            .facts
            .requires
            .take()
            .or_else(|| text("requires-python"));
        for field in ["version", "description"] {
            reading.facts.dynamic.push(field.into());
        }
        for (name, email) in [
            ("author", "author-email"),
            ("maintainer", "maintainer-email"),
        ] {
            if let Some(person) = person(metadata.text(name), metadata.text(email)) {
                reading.facts.people.push(person);
            }
        }
        for (key, kind) in [
            ("requires", DependencyKind::Run),
            ("dev-requires", DependencyKind::Dev),
        ] {
            if let Some(list) = metadata.get(key) {
                requirements(reading, list, kind, "");
            }
        }
        let extras = metadata.get("requires-extra").map(Node::entries);
        for (extra, list) in extras.unwrap_or_default() {
            let condition = format!("extra == '{extra}'");
            requirements(reading, list, DependencyKind::Optional, &condition);
        }
        if let Some(urls) = metadata.get("urls") {
            for (label, url) in urls.entries() {
                reading.url(label, url.str().unwrap_or_default());
            }
        }
    }
    if let Some(scripts) = flit.get("scripts") {
        entry_points(reading, "console_scripts", scripts);
    }
    for (group, table) in flit
        .get("entrypoints")
        .map(Node::entries)
        .unwrap_or_default()
    {
        entry_points(reading, group, table);
    }
}
