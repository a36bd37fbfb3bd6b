//! Name, version, texts and links.

use foretaste_model::manifest::ManifestFacts;

use super::{MAX_TEXT, Reading, cut};
use crate::json::{Node, Value};
use crate::repository;

/// Bytes kept of a README inside the manifest.
const MAX_README: usize = 64 << 10;

pub(super) fn read<'a>(reading: &mut Reading<'a>, root: &'a Node, facts: &mut ManifestFacts) {
    facts.name = reading.string(root, "name");
    facts.version = reading.string(root, "version");
    facts.summary = reading.string(root, "description");
    facts.readme = root
        .get("readme")
        .and_then(Node::text)
        .map(|t| cut(t, MAX_README));
    facts.private = matches!(root.get("private"), Some(node) if node.value == Value::Bool(true));
    facts.license = license(root);
    facts.homepage = homepage(reading, root);
    facts.requires = root
        .get("engines")
        .and_then(|e| e.get("node"))
        .and_then(Node::text)
        .map(|t| cut(t, MAX_TEXT));
    if let Some(node) = root.get("repository") {
        match repository_of(node) {
            Some(url) => facts.repository = Some(url),
            None if node.kind() != "null" => {
                reading.wrong_type("repository", node, "a string or an object with `url`");
            }
            None => {}
        }
        if let Some(folder) = node.get("directory").and_then(Node::text) {
            facts
                .urls
                .push(("repository-directory".into(), cut(folder, MAX_TEXT)));
        }
    }
    for (field, label) in [("bugs", "bugs"), ("funding", "funding")] {
        for url in root.get(field).map(urls_of).unwrap_or_default() {
            facts.urls.push((label.into(), url));
        }
    }
}

/// `license` as a string, as `{type}`, or `licenses` as a list of either.
fn license(root: &Node) -> Option<Box<str>> {
    let one = |node: &Node| {
        node.text()
            .or_else(|| node.get("type").and_then(Node::text))
            .or_else(|| node.get("name").and_then(Node::text))
            .map(str::to_owned)
    };
    let mut found = Vec::new();
    for field in ["license", "licenses"] {
        if let Some(node) = root.get(field) {
            found.extend(one(node));
            found.extend(node.items().iter().take(20).filter_map(one));
        }
    }
    if found.is_empty() {
        return None;
    }
    Some(cut(&found.join(" OR "), MAX_TEXT))
}

/// Some manifests give the home page as a list or an object.
fn homepage<'a>(reading: &mut Reading<'a>, root: &'a Node) -> Option<Box<str>> {
    let node = root.get("homepage")?;
    if let Some(url) = urls_of(node).into_iter().next() {
        return Some(url);
    }
    if !matches!(node.kind(), "null" | "a boolean") {
        reading.wrong_type("homepage", node, "a string");
    }
    None
}

/// The repository as one URL; a list gives its first entry.
fn repository_of(node: &Node) -> Option<Box<str>> {
    let text = node
        .text()
        .or_else(|| node.get("url").and_then(Node::text))
        .or_else(|| {
            let first = node.items().first()?;
            first.text().or_else(|| first.get("url")?.text())
        })?;
    let text = text.trim();
    (!text.is_empty()).then(|| repository::normalise(&cut(text, MAX_TEXT)).into())
}

/// The URLs of a field that is a string, an object with `url`, or a list of these.
fn urls_of(node: &Node) -> Vec<Box<str>> {
    let one = |node: &Node| {
        node.text()
            .or_else(|| node.get("url").and_then(Node::text))
            .map(str::trim)
            .filter(|t| !t.is_empty())
            .map(|t| cut(t, MAX_TEXT))
    };
    match one(node) {
        Some(url) => vec![url],
        None => node.items().iter().take(20).filter_map(one).collect(),
    }
}
