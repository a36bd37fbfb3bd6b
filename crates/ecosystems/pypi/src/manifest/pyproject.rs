//! `pyproject.toml`: PEP 518 and 517 (build system, in-tree backends), PEP 621 (project), PEP 735 (groups), and the
//! tables of build tools that run code or name dependencies.

use foretaste_model::facts::SurfaceKind;
use foretaste_model::manifest::DependencyKind;
use toml::de::DeTable;

use super::people::person;
use super::reading::{MAX_ENTRIES, MAX_README, Reading, cut, stated, value};
use super::{flit, poetry};
use crate::toml_node::Node;

/// Bytes of TOML that are read: a recovering parser takes hundreds of bytes of memory for each broken line.
const MAX_TOML: usize = 512 << 10;

pub(super) fn read(reading: &mut Reading<'_>) {
    let text = cut(reading.text, MAX_TOML);
    if text.len() < reading.text.len() {
        reading.truncated(&format!("only the first {MAX_TOML} bytes were read"));
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(20) {
        let span = error.span().map(|range| reading.span(&range));
        reading.problem(span, error.message().to_owned());
    }
    let root = table.get_ref();
    if let Some(build) = Node::member(root, "build-system") {
        build_system(reading, build);
    }
    if let Some(project) = Node::member(root, "project") {
        self::project(reading, project);
    }
    if let Some(groups) = Node::member(root, "dependency-groups") {
        for (_, group) in groups.entries() {
            requirements(reading, group, DependencyKind::Dev, "");
        }
    }
    if let Some(tool) = Node::member(root, "tool") {
        if let Some(table) = tool.get("poetry") {
            poetry::read(reading, table);
        }
        if let Some(table) = tool.get("flit") {
            flit::read(reading, table);
        }
        build_hooks(reading, tool);
    }
    reading.settle_links();
}

/// PEP 518 and PEP 517.
fn build_system(reading: &mut Reading<'_>, build: Node<'_>) {
    if let Some(requires) = build.get("requires") {
        requirements(reading, requires, DependencyKind::Build, "");
    }
    let Some(backend) = build.get("build-backend") else {
        return;
    };
    let Some(object) = backend.str() else {
        let span = Some(reading.span(&backend.range()));
        reading.problem(span, "`build-backend` is no string");
        return;
    };
    let span = Some(reading.span(&backend.range()));
    let Some(paths) = build.get("backend-path") else {
        reading.surface(SurfaceKind::BuildBackend, "build-backend", object, "", span);
        return;
    };
    let module = object
        .split(':')
        .next()
        .unwrap_or_default()
        .replace('.', "/");
    for folder in paths.items().filter_map(Node::str).take(100) {
        let folder = folder.trim_end_matches('/');
        for file in [format!("{module}.py"), format!("{module}/__init__.py")] {
            let target = if matches!(folder, "" | ".") {
                file
            } else {
                format!("{folder}/{file}")
            };
            reading.surface(
                SurfaceKind::InTreeBackend,
                "build-backend",
                object,
                &target,
                span,
            );
        }
    }
}

/// PEP 621.
fn project(reading: &mut Reading<'_>, project: Node<'_>) {
    let text = |key| project.text(key).and_then(stated);
    reading.facts.name = text("name");
    reading.facts.version = text("version");
    reading.facts.summary = text("description");
    reading.facts.requires = text("requires-python");
    if let Some(licence) = project.get("license") {
        reading.facts.license = licence
            .str()
            .and_then(stated)
            .or_else(|| licence.text("text").and_then(first_line))
            .or_else(|| {
                licence
                    .text("file")
                    .map(|file| value(&format!("see {file}")))
            });
    }
    if let Some(readme) = project.get("readme").and_then(|r| r.text("text")) {
        reading.facts.readme = Some(cut(readme, MAX_README).into());
    }
    for key in ["authors", "maintainers"] {
        let Some(list) = project.get(key) else {
            continue;
        };
        for entry in list.items().take(MAX_ENTRIES) {
            if let Some(person) = person(entry.text("name"), entry.text("email")) {
                reading.facts.people.push(person);
            }
        }
    }
    if let Some(urls) = project.get("urls") {
        for (label, url) in urls.entries() {
            reading.url(label, url.str().unwrap_or_default());
        }
    }
    if let Some(dynamic) = project.get("dynamic") {
        for field in dynamic.items().filter_map(Node::str).take(100) {
            reading.facts.dynamic.push(value(field));
        }
    }
    if let Some(list) = project.get("dependencies") {
        requirements(reading, list, DependencyKind::Run, "");
    }
    if let Some(extras) = project.get("optional-dependencies") {
        for (extra, list) in extras.entries() {
            let condition = format!("extra == '{extra}'");
            requirements(reading, list, DependencyKind::Optional, &condition);
        }
    }
    for (key, group) in [
        ("scripts", "console_scripts"),
        ("gui-scripts", "gui_scripts"),
    ] {
        if let Some(scripts) = project.get(key) {
            entry_points(reading, group, scripts);
        }
    }
    if let Some(groups) = project.get("entry-points") {
        for (group, table) in groups.entries() {
            entry_points(reading, group, table);
        }
    }
}

pub(super) fn entry_points(reading: &mut Reading<'_>, group: &str, table: Node<'_>) {
    for (name, object) in table.entries() {
        let span = Some(reading.span(&object.range()));
        // poetry allows `{reference = "...", type = "console"}`.
        let text = object.str().or_else(|| object.text("reference"));
        match text {
            Some(text) => reading.entry_point(group, name, text, span),
            None => reading.problem(span, format!("the entry point {name:?} is no string")),
        }
    }
}

/// A list of requirement strings; tables in dependency groups include other groups and are passed over.
pub(super) fn requirements(
    reading: &mut Reading<'_>,
    list: Node<'_>,
    kind: DependencyKind,
    condition: &str,
) {
    if !list.is_array() {
        let span = Some(reading.span(&list.range()));
        reading.problem(span, "a list of requirements is no array");
        return;
    }
    for item in list.items() {
        let span = Some(reading.span(&item.range()));
        match item.str() {
            Some(text) => reading.requirement(text, kind, condition, span),
            None if item.is_table() => {}
            None => reading.problem(span, "a requirement is no string"),
        }
    }
}

fn first_line(text: &str) -> Option<Box<str>> {
    text.lines().find_map(stated)
}

/// Tables of build tools that make code of the source tree run while it is built.
fn build_hooks(reading: &mut Reading<'_>, tool: Node<'_>) {
    // setuptools: command classes.
    if let Some(classes) = tool.path(&["setuptools", "cmdclass"]) {
        for (name, class) in classes.entries() {
            let object = class.str().unwrap_or_default();
            let module = object.rsplit_once('.').map_or("", |(module, _)| module);
            let target = if module.is_empty() {
                String::new()
            } else {
                format!("{}.py", module.replace('.', "/"))
            };
            let span = Some(reading.span(&class.range()));
            reading.surface(SurfaceKind::CmdClass, name, object, &target, span);
        }
    }
    if let Some(dynamic) = tool.path(&["setuptools", "dynamic"]) {
        for (field, _) in dynamic.entries().into_iter().take(100) {
            if !reading.facts.dynamic.iter().any(|d| &**d == field) {
                reading.facts.dynamic.push(value(field));
            }
        }
    }
    // hatch: a custom hook is `hatch_build.py` unless it says otherwise; it may stand in `build.hooks`, in
    // `build.targets.<target>.hooks`, and as a metadata hook.
    let hatch = tool.get("hatch");
    let mut hooks: Vec<Node<'_>> = Vec::new();
    if let Some(hatch) = hatch {
        hooks.extend(hatch.path(&["build", "hooks", "custom"]));
        hooks.extend(hatch.path(&["metadata", "hooks", "custom"]));
        for (_, target) in hatch
            .path(&["build", "targets"])
            .map(Node::entries)
            .unwrap_or_default()
        {
            hooks.extend(target.path(&["hooks", "custom"]));
        }
        for (_, target) in hatch
            .path(&["build", "targets"])
            .map(Node::entries)
            .unwrap_or_default()
            .iter()
            .filter(|(name, _)| *name == "custom")
        {
            hooks.push(*target);
        }
    }
    for hook in hooks {
        let file = hook.text("path").unwrap_or("hatch_build.py");
        let span = Some(reading.span(&hook.range()));
        reading.surface(SurfaceKind::InTreeBackend, "hatch hook", file, file, span);
    }
    // hatch: a version that is read by running a file.
    if let Some(version) = hatch.and_then(|h| h.get("version"))
        && version.text("source") == Some("code")
        && let Some(file) = version.text("path")
    {
        let span = Some(reading.span(&version.range()));
        reading.surface(
            SurfaceKind::InTreeBackend,
            "hatch version",
            file,
            file,
            span,
        );
    }
    // poetry: a build script, as a string or a table.
    if let Some(build) = tool.path(&["poetry", "build"])
        && let Some(file) = build.str().or_else(|| build.text("script"))
    {
        let span = Some(reading.span(&build.range()));
        reading.surface(
            SurfaceKind::InTreeBackend,
            "poetry build script",
            file,
            file,
            span,
        );
    }
    // pdm: `pdm_build.py` runs if it exists; the table can name another file. The old table is `tool.pdm.build`.
    let pdm = tool.path(&["pdm", "build"]);
    for key in ["custom-hook", "setup-script"] {
        if let Some(hook) = pdm.and_then(|p| p.get(key))
            && let Some(file) = hook.str()
        {
            let span = Some(reading.span(&hook.range()));
            let file = file.split(':').next().unwrap_or(file);
            reading.surface(
                SurfaceKind::InTreeBackend,
                "pdm build hook",
                file,
                file,
                span,
            );
        }
    }
}
