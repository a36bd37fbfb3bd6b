//! Dependencies of every kind, and where each comes from.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource, ManifestFacts};

use super::{MAX_TEXT, Reading, cut};
use crate::json::{Node, Value};
use crate::repository::{is_hosted_pair, is_scp};

const TABLES: [(&str, DependencyKind); 4] = [
    ("dependencies", DependencyKind::Run),
    ("optionalDependencies", DependencyKind::Optional),
    ("peerDependencies", DependencyKind::Peer),
    ("devDependencies", DependencyKind::Dev),
];

pub(super) fn read<'a>(reading: &mut Reading<'a>, root: &'a Node, facts: &mut ManifestFacts) {
    let bundled = bundled(reading, root);
    for (field, kind) in TABLES {
        let Some(node) = root.get(field) else {
            continue;
        };
        if node.kind() != "an object" {
            // old manifests carry empty lists
            if !(node.kind() == "null" || (node.kind() == "an array" && node.items().is_empty())) {
                reading.wrong_type(field, node, "an object");
            }
            continue;
        }
        for member in reading.bounded(field, node, node.members()) {
            let Some(spec) = member.node.text() else {
                reading.wrong_type(&format!("{field}.{}", member.key), &member.node, "a string");
                continue;
            };
            let spec = cut(spec, MAX_TEXT);
            let (name, requirement, source) = source_of(&member.key, &spec);
            let optional_peer = kind == DependencyKind::Peer && is_optional_peer(root, &member.key);
            let condition = if optional_peer {
                "optional"
            } else if bundled.covers(&member.key) && kind != DependencyKind::Dev {
                "bundled"
            } else {
                ""
            };
            facts.dependencies.push(Dependency {
                name: cut(&name, MAX_TEXT),
                requirement: requirement.into(),
                kind,
                source,
                condition: condition.into(),
                span: Some(reading.document.span(member.start, member.node.end)),
            });
        }
    }
    if let Bundled::Names(names) = bundled {
        let declared: BTreeSet<Box<str>> =
            facts.dependencies.iter().map(|d| d.name.clone()).collect();
        for (name, node) in names {
            if declared.contains(name) {
                continue;
            }
            facts.dependencies.push(Dependency {
                name: cut(name, MAX_TEXT),
                requirement: "".into(),
                kind: DependencyKind::Run,
                source: DependencySource::Registry,
                condition: "bundled".into(),
                span: Some(reading.document.span(node.start, node.end)),
            });
        }
    }
}

/// Which dependencies the tarball carries in its own `node_modules`.
enum Bundled<'a> {
    All,
    Names(BTreeMap<&'a str, &'a Node>),
}

impl Bundled<'_> {
    fn covers(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Names(names) => names.contains_key(name),
        }
    }
}

fn bundled<'a>(reading: &mut Reading<'a>, root: &'a Node) -> Bundled<'a> {
    let mut names = BTreeMap::new();
    for field in ["bundleDependencies", "bundledDependencies"] {
        match root.get(field).map(|n| (n, &n.value)) {
            Some((_, Value::Bool(true))) => return Bundled::All,
            Some((node, Value::Array(items))) => {
                let items = reading.bounded(field, node, items);
                names.extend(items.iter().filter_map(|i| i.text().map(|t| (t, i))));
            }
            // npm also takes a table and looks at its keys
            Some((node, Value::Object(members))) => {
                let members = reading.bounded(field, node, members);
                names.extend(members.iter().map(|m| (&*m.key, &m.node)));
            }
            Some((_, Value::Null | Value::Bool(false))) | None => {}
            Some((node, _)) => reading.wrong_type(field, node, "a list of names"),
        }
    }
    Bundled::Names(names)
}

fn is_optional_peer(root: &Node, name: &str) -> bool {
    root.get("peerDependenciesMeta")
        .and_then(|m| m.get(name))
        .and_then(|m| m.get("optional"))
        .is_some_and(|o| o.value == Value::Bool(true))
}

/// Reads a dependency as npm does (`npm-package-arg`): the real name, the requirement and the source.
///
/// `alias: npm:real@^1` gives `real`; `u/r`, `github:u/r`, `git+ssh://…` are git; an HTTP URL is a tarball unless it
/// names a repository of a host that npm knows; `file:`, `link:`, `workspace:` and paths are paths.
pub fn source_of(name: &str, spec: &str) -> (String, String, DependencySource) {
    let spec = spec.trim();
    let lower = spec.to_ascii_lowercase();
    let own = |source| (name.to_owned(), String::new(), source);
    if let Some(real) = spec.strip_prefix("npm:") {
        let (real, requirement) = split_alias(real);
        return (
            real.to_owned(),
            requirement.to_owned(),
            DependencySource::Registry,
        );
    }
    if [
        "git+",
        "git:",
        "github:",
        "gitlab:",
        "bitbucket:",
        "gist:",
        "ssh:",
    ]
    .iter()
    .any(|p| lower.starts_with(p))
        || is_hosted_pair(spec)
        || (is_scp(spec) && !lower.contains("://"))
    {
        return own(DependencySource::Git(spec.into()));
    }
    if lower.starts_with("http://") || lower.starts_with("https://") {
        return own(if is_hosted_repository(&lower) {
            DependencySource::Git(spec.into())
        } else {
            DependencySource::Url(spec.into())
        });
    }
    let is_path = ["file:", "link:", "portal:", "workspace:"]
        .iter()
        .any(|p| lower.starts_with(p))
        || spec.starts_with(['.', '/', '\\'])
        || spec.starts_with("~/")
        || is_drive(spec)
        || [".tgz", ".tar.gz", ".tar"]
            .iter()
            .any(|s| lower.ends_with(s));
    if is_path {
        return own(DependencySource::Path(spec.into()));
    }
    (name.to_owned(), spec.to_owned(), DependencySource::Registry)
}

/// `@scope/name@range`, `name@range`, `name`.
fn split_alias(text: &str) -> (&str, &str) {
    match text.char_indices().skip(1).find(|(_, c)| *c == '@') {
        Some((at, _)) => (
            text.get(..at).unwrap_or(text),
            text.get(at + 1..).unwrap_or(""),
        ),
        None => (text, ""),
    }
}

fn is_drive(spec: &str) -> bool {
    let mut chars = spec.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.next() == Some(':')
        && matches!(chars.next(), Some('/' | '\\'))
}

/// `https://github.com/u/r[.git][#ref]` is cloned; `…/archive/x.tar.gz` is downloaded.
fn is_hosted_repository(url: &str) -> bool {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let rest = rest.split(['#', '?']).next().unwrap_or("");
    let mut parts = rest.trim_end_matches('/').split('/');
    let host = parts.next().unwrap_or("");
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.strip_prefix("www.").unwrap_or(host);
    matches!(host, "github.com" | "gitlab.com" | "bitbucket.org") && parts.count() == 2
}
