//! Every `go.mod` and `go.sum` of the corpus, against what go says of them (`fixtures/projects/generate/golang.py`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use foretaste_golang::READERS;
use foretaste_io::files;
use foretaste_project::{Constraint, Document, Group, read_alone};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    modules: Vec<Module>,
    /// `module@version` and its `h1:`.
    sums: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Module {
    path: String,
    version: String,
    indirect: bool,
    /// What stands in its place, and the version of that.
    replace: Option<(String, Option<String>)>,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/projects/golang")
}

fn read(folder: &Path, name: &str) -> Option<Document> {
    let bytes = files::read(&folder.join(name), 1 << 20).ok()?;
    let reading = read_alone(READERS, name, &bytes).expect("a reader");
    assert_eq!(reading.problems, [], "{}", folder.display());
    reading.document
}

#[test]
fn every_module_is_read_as_go_reads_it() {
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for shape in files::list(&corpus()).expect("the corpus is readable") {
        cases += 1;
        let folder = corpus().join(&shape);
        let text = files::read_text(&folder.join("expected.json"), 1 << 20).expect("readable");
        let expected: Expected = serde_json::from_str(&text).expect("readable");
        let Some(Document::Manifest(manifest)) = read(&folder, "go.mod") else {
            unreachable!("a manifest");
        };
        let wishes = manifest.requirements.iter();
        let chosen: BTreeSet<(String, String, bool)> = wishes
            .filter(|r| r.group != Group::Override)
            .map(|r| {
                let name = r.name.as_deref().unwrap_or("").to_owned();
                (name, r.specifier.to_string(), &*r.group_name == "indirect")
            })
            .collect();
        let modules = expected.modules.iter();
        let wanted: BTreeSet<_> = modules
            .map(|m| (m.path.clone(), m.version.clone(), m.indirect))
            .collect();
        if chosen != wanted {
            wrong.push(format!("{shape}: {chosen:?}, not {wanted:?}"));
        }
        for module in &expected.modules {
            let Some((path, version)) = &module.replace else {
                continue;
            };
            let found = manifest.requirements.iter().any(|r| {
                let replaced = r.alias.as_deref() == Some(&module.path);
                let by = match (&r.constraint, version) {
                    (Constraint::Path(at), None) => **at == **path,
                    (Constraint::Pinned(v), Some(version)) => {
                        **v == **version && r.name.as_deref() == Some(path)
                    }
                    _ => false,
                };
                r.group == Group::Override && replaced && by
            });
            if !found {
                wrong.push(format!(
                    "{shape}: the replacement of {} is lost",
                    module.path
                ));
            }
        }
        let sums: BTreeMap<String, String> = match read(&folder, "go.sum") {
            Some(Document::Lock(lock)) => lock
                .packages
                .iter()
                .map(|p| {
                    let hash = p.artifacts.iter().flat_map(|a| &a.other_hashes).next();
                    let version = p.version.as_deref().unwrap_or("");
                    let hash = hash.map_or_else(String::new, ToString::to_string);
                    (format!("{}@{version}", p.name), hash)
                })
                .collect(),
            _ => BTreeMap::new(),
        };
        // go.sum may hold archives of versions that were looked at and not chosen
        for (module, hash) in &expected.sums {
            if sums.get(module) != Some(hash) {
                wrong.push(format!(
                    "{shape}: {module} is not {hash}: {:?}",
                    sums.get(module)
                ));
            }
        }
    }
    assert!(cases >= 12, "{cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
