//! Manifests and locks that the real tools wrote, against what the same tools export.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use foretaste_model::{Ecosystem, PackageName};
use foretaste_project::{Constraint, Document, Input, Lock, Manifest, NoFiles, Origin};
use foretaste_pypi::project::READERS;
use serde_json::Value;

type Packages = BTreeMap<(String, String), BTreeSet<String>>;

fn canonical(name: &str) -> String {
    PackageName::new(Ecosystem::Pypi, name).to_string()
}

fn of_lock(lock: &Lock) -> Packages {
    lock.packages
        .iter()
        // pipenv keeps other platforms' packages without a version
        .filter(|p| p.version.is_some() && !matches!(p.origin, Origin::Member(_)))
        .map(|p| {
            let hashes = p
                .artifacts
                .iter()
                .flat_map(|a| &a.hashes)
                .map(ToString::to_string)
                .collect();
            let version = p.version.as_deref().unwrap_or_default();
            ((canonical(&p.name), version.to_owned()), hashes)
        })
        .collect()
}

fn of_manifest(manifest: &Manifest) -> Packages {
    manifest
        .requirements
        .iter()
        .filter_map(|r| match &r.constraint {
            Constraint::Pinned(version) => {
                let hashes = r.hashes.iter().map(ToString::to_string).collect();
                Some(((canonical(r.name.as_deref()?), version.to_string()), hashes))
            }
            _ => None,
        })
        .collect()
}

fn expected(value: &Value) -> Packages {
    let text = |v: &Value| v.as_str().expect("a text").to_owned();
    let packages = value["packages"].as_array().expect("packages");
    packages
        .iter()
        .map(|p| {
            let hashes = p["hashes"]
                .as_array()
                .expect("hashes")
                .iter()
                .map(text)
                .collect();
            ((text(&p["name"]), text(&p["version"])), hashes)
        })
        .collect()
}

fn edges(lock: &Lock) -> BTreeSet<(String, String)> {
    let shown = |index: usize| {
        let p = &lock.packages[index];
        format!(
            "{}=={}",
            canonical(&p.name),
            p.version.as_deref().unwrap_or_default()
        )
    };
    let member = |index: usize| matches!(lock.packages[index].origin, Origin::Member(_));
    let mut found = BTreeSet::new();
    for index in (0..lock.packages.len()).filter(|i| !member(*i)) {
        for edge in &lock.packages[index].dependencies {
            if let Some(to) = edge.to {
                found.insert((shown(index), shown(to)));
            }
        }
    }
    found
}

#[test]
fn names_versions_hashes_and_edges_are_those_of_the_tools() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/projects/python");
    let (mut files, mut packages, mut wrong) = (0, 0, Vec::new());
    let folders = foretaste_io::files::list(&root).expect("fixtures");
    for folder in folders.iter().filter(|f| !f.contains('.')) {
        let here = root.join(folder);
        let text = foretaste_io::files::read_text(&here.join("expected.json"), 1 << 24)
            .expect("expectations");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        for name in foretaste_io::files::list(&here).expect("a folder") {
            let Some(reader) = READERS.iter().find(|r| (r.matches)(&name)) else {
                continue;
            };
            let bytes = foretaste_io::files::read(&here.join(&name), 1 << 26).expect("a file");
            let path: Arc<str> = name.as_str().into();
            let input = Input {
                path: &path,
                bytes: &bytes,
                files: &NoFiles,
            };
            let reading = (reader.read)(&input);
            files += 1;
            if !reading.problems.is_empty() {
                wrong.push(format!("{folder}/{name}: {}", reading.problems[0]));
            }
            let (found, edges_found) = match reading.document.expect("a document") {
                Document::Lock(lock) => (of_lock(&lock), Some(edges(&lock))),
                Document::Manifest(m) if name == "requirements.txt" => (of_manifest(&m), None),
                Document::Manifest(_) => continue,
            };
            let wanted = expected(&value);
            packages += wanted.len();
            if found != wanted {
                let missing: Vec<_> = wanted
                    .iter()
                    .filter(|(k, v)| found.get(*k) != Some(v))
                    .map(|(k, _)| k)
                    .collect();
                let extra: Vec<_> = found.keys().filter(|k| !wanted.contains_key(*k)).collect();
                wrong.push(format!(
                    "{folder}/{name}: missing or other {missing:?}, extra {extra:?}"
                ));
            }
            if let (Some(found), Some(list)) = (edges_found, value["edges"].as_array()) {
                let wanted: BTreeSet<(String, String)> = list
                    .iter()
                    .map(|e| {
                        (
                            e[0].as_str().unwrap().to_owned(),
                            e[1].as_str().unwrap().to_owned(),
                        )
                    })
                    .collect();
                if found != wanted {
                    wrong.push(format!(
                        "{folder}/{name}: edges {:?}",
                        found.symmetric_difference(&wanted).collect::<Vec<_>>()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "of {files} files:\n{}", wrong.join("\n"));
    println!("{files} files, {packages} packages");
    assert!(files >= 100, "{files} files");
}
