//! The editor's part of `package.json`.

use foretaste_model::Ecosystem;
use foretaste_model::facts::{EDITOR_STARTS, InstallSurface, SurfaceKind};
use foretaste_model::manifest::ManifestFacts;
use foretaste_npm::json::{self, Node};

/// Events that happen whenever the editor starts.
const ALWAYS: &[&str] = &["*", "onStartupFinished"];

/// Makes the manifest of an npm package that of an editor extension, if it is one: it says which editor it needs.
pub fn adjust(text: &str, facts: &mut ManifestFacts, surfaces: &mut Vec<InstallSurface>) {
    let document = json::read(text);
    let root = &document.root;
    let engine = root
        .get("engines")
        .and_then(|e| e.get("vscode"))
        .and_then(Node::text);
    let Some(engine) = engine else {
        return;
    };
    facts.ecosystem = Ecosystem::VsCode;
    facts.requires = Some(engine.into());
    if let (Some(publisher), Some(name)) = (
        root.get("publisher").and_then(Node::text),
        facts.name.as_deref(),
    ) {
        facts.name = Some(format!("{publisher}.{name}").into());
    }
    surfaces.retain(|s| s.kind != SurfaceKind::NpmLifecycle);
    let events: Vec<&str> = root
        .get("activationEvents")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(Node::text)
        .take(256)
        .collect();
    let when = if events.iter().any(|e| ALWAYS.contains(e)) {
        EDITOR_STARTS
    } else {
        "on activation"
    };
    for key in ["main", "browser"] {
        if let Some(node) = root.get(key)
            && let Some(path) = node.text()
        {
            surfaces.push(InstallSurface {
                kind: SurfaceKind::ExtensionActivation,
                name: when.into(),
                command: path.trim_start_matches("./").into(),
                target: "".into(),
                span: Some(document.span(node.start, node.end)),
            });
        }
    }
    let uninstall = root.get("scripts").and_then(|s| s.get("vscode:uninstall"));
    if let Some(node) = uninstall
        && let Some(command) = node.text()
    {
        surfaces.push(InstallSurface {
            kind: SurfaceKind::NpmLifecycle,
            name: "vscode:uninstall".into(),
            command: command.into(),
            target: "".into(),
            span: Some(document.span(node.start, node.end)),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_told_from_a_package() {
        let text = r#"{"name": "theme", "publisher": "Acme", "engines": {"vscode": "^1.80.0"}, "main": "./out/main.js", "activationEvents": ["*"], "scripts": {"postinstall": "x"}}"#;
        let mut facts = ManifestFacts::new(Ecosystem::Npm);
        facts.name = Some("theme".into());
        let mut surfaces = Vec::new();
        adjust(text, &mut facts, &mut surfaces);
        assert_eq!(facts.ecosystem, Ecosystem::VsCode);
        assert_eq!(facts.name.as_deref(), Some("Acme.theme"));
        assert_eq!(
            (&*surfaces[0].name, &*surfaces[0].command),
            ("whenever the editor starts", "out/main.js")
        );
        let mut npm = ManifestFacts::new(Ecosystem::Npm);
        adjust("{\"engines\": {\"node\": \"1\"}}", &mut npm, &mut surfaces);
        assert_eq!(npm.ecosystem, Ecosystem::Npm);
    }
}
