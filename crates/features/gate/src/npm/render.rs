//! Documents without the versions that are refused, consistent in themselves.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_npm::manifest::ON_INSTALL;
use semver::Version as Semver;
use serde_json::{Map, Value, json};

use super::document::{Document, Version};
use crate::decide::Ruling;

/// What an installer needs of a version
/// (<https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md>).
const ABBREVIATED: [&str; 20] = [
    "name",
    "version",
    "deprecated",
    "dependencies",
    "acceptDependencies",
    "optionalDependencies",
    "devDependencies",
    "bundleDependencies",
    "bundledDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "bin",
    "directories",
    "dist",
    "engines",
    "cpu",
    "os",
    "libc",
    "hasInstallScript",
    "_hasShrinkwrap",
];

/// The document of a package. `base` is the URL of the gate's npm registry, without a slash at its end; `shown` tells which
/// versions are left, in the document's order.
pub(super) fn document(
    document: &Document,
    shown: &[bool],
    hidden: &[Ruling],
    base: &str,
    abbreviated: bool,
) -> Value {
    let left: Vec<&Version> = document
        .versions
        .iter()
        .zip(shown)
        .filter_map(|(version, shown)| shown.then_some(version))
        .collect();
    let versions: Map<String, Value> = left
        .iter()
        .map(|v| {
            let number = v.candidate.release.version.to_string();
            (number, manifest(document, v, base, abbreviated))
        })
        .collect();
    let numbers: BTreeSet<&str> = versions.keys().map(String::as_str).collect();
    let tags = tags(&document.tags, &numbers);
    let mut out = if abbreviated {
        let modified = document.fields.get("time").and_then(|t| t.get("modified"));
        let mut out = Map::new();
        out.insert("name".to_owned(), json!(document.name));
        out.insert("modified".to_owned(), json!(modified));
        out
    } else {
        let mut out = document.fields.clone();
        if let Some(Value::Object(times)) = out.get_mut("time") {
            times.retain(|key, _| {
                matches!(key.as_str(), "created" | "modified" | "unpublished")
                    || numbers.contains(key.as_str())
            });
        }
        out
    };
    out.insert("dist-tags".to_owned(), json!(tags));
    out.insert("versions".to_owned(), Value::Object(versions));
    if !hidden.is_empty() {
        let told: Vec<Value> = hidden
            .iter()
            .map(|r| json!({"filename": r.filename, "reason": r.reason, "outcome": r.outcome, "decision": r.id}))
            .collect();
        out.insert("_foretaste".to_owned(), json!({"left-out": told}));
    }
    Value::Object(out)
}

/// The manifest of a version: only where its tarball is differs from what the publisher wrote.
pub(super) fn manifest(
    document: &Document,
    version: &Version,
    base: &str,
    abbreviated: bool,
) -> Value {
    let mut manifest = version.manifest.clone();
    if let Some(dist) = manifest.get_mut("dist").and_then(Value::as_object_mut) {
        let url = format!("{base}/{}/-/{}", document.name, version.candidate.filename);
        dist.insert("tarball".to_owned(), json!(url));
    }
    let installs = abbreviated && runs_scripts(&manifest);
    if abbreviated && let Value::Object(fields) = &mut manifest {
        fields.retain(|key, _| ABBREVIATED.contains(&key.as_str()));
        if installs {
            fields.insert("hasInstallScript".to_owned(), json!(true));
        }
    }
    manifest
}

/// True if npm runs code of a version when it installs it.
pub(super) fn runs_scripts(manifest: &Value) -> bool {
    let scripts = manifest.get("scripts").and_then(Value::as_object);
    scripts.is_some_and(|s| ON_INSTALL.iter().any(|k| s.contains_key(*k)))
}

/// Tags of versions that are left. `latest` must exist: without its version, it is the highest one that is left, and not a
/// pre-release if there is another.
fn tags(tags: &BTreeMap<String, String>, left: &BTreeSet<&str>) -> BTreeMap<String, String> {
    let mut kept: BTreeMap<String, String> = tags
        .iter()
        .filter(|(_, version)| left.contains(version.as_str()))
        .map(|(tag, version)| (tag.clone(), version.clone()))
        .collect();
    if !kept.contains_key("latest") {
        let readable = left
            .iter()
            .filter_map(|v| Some((Semver::parse(v).ok()?, *v)));
        let best =
            readable.max_by(|(a, _), (b, _)| (a.pre.is_empty(), a).cmp(&(b.pre.is_empty(), b)));
        if let Some((_, version)) = best {
            kept.insert("latest".to_owned(), version.to_owned());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latest_moves_to_the_highest_version_that_is_left() {
        let all = BTreeMap::from([
            ("latest".to_owned(), "2.0.0".to_owned()),
            ("next".to_owned(), "3.0.0-rc.1".to_owned()),
            ("old".to_owned(), "1.9.0".to_owned()),
        ]);
        let left = BTreeSet::from(["1.9.0", "1.10.0", "3.0.0-rc.1"]);
        let kept = tags(&all, &left);
        assert_eq!(kept["latest"], "1.10.0");
        assert_eq!(kept["next"], "3.0.0-rc.1");
        let none = tags(&all, &BTreeSet::new());
        assert!(none.is_empty());
        let only_pre = tags(&all, &BTreeSet::from(["3.0.0-rc.1"]));
        assert_eq!(only_pre["latest"], "3.0.0-rc.1");
    }
}
