//! Every lock of the corpus, against what composer says of it (`fixtures/projects/generate/composer.py`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use foretaste_io::files;
use foretaste_packagist::READERS;
use foretaste_project::{Document, Group, Lock, read_alone};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    packages: BTreeSet<(String, String)>,
    /// Those that are not for development alone.
    main: BTreeSet<String>,
    edges: BTreeSet<(String, String)>,
    hashes: BTreeMap<String, String>,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/projects/composer")
}

fn lock(folder: &Path) -> Lock {
    let name = "composer.lock";
    let bytes = files::read(&folder.join(name), 1 << 20).expect("the corpus is readable");
    let reading = read_alone(READERS, name, &bytes).expect("a reader");
    assert_eq!(reading.problems, [], "{}", folder.display());
    match reading.document {
        Some(Document::Lock(lock)) => lock,
        _ => unreachable!("a lock"),
    }
}

#[test]
fn every_lock_is_read_as_composer_reads_it() {
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for shape in files::list(&corpus()).expect("the corpus is readable") {
        cases += 1;
        let folder = corpus().join(&shape);
        let text = files::read_text(&folder.join("expected.json"), 1 << 20).expect("readable");
        let expected: Expected = serde_json::from_str(&text).expect("readable");
        let lock = lock(&folder);
        let named = |p: &foretaste_project::LockedPackage| {
            let version = p.version.as_deref().unwrap_or("");
            (p.name.to_string(), version.to_owned())
        };
        let packages: BTreeSet<_> = lock.packages.iter().map(named).collect();
        let main = lock.packages.iter().filter(|p| p.group == Group::Main);
        let main: BTreeSet<String> = main.map(|p| p.name.to_string()).collect();
        let edges: BTreeSet<_> = lock
            .packages
            .iter()
            .flat_map(|p| {
                let needs = p.dependencies.iter();
                needs.map(|edge| (p.name.to_string(), edge.name.to_string()))
            })
            .collect();
        if packages != expected.packages {
            wrong.push(format!(
                "{shape}: {packages:?}, not {:?}",
                expected.packages
            ));
        }
        if main != expected.main {
            wrong.push(format!("{shape}: {main:?}, not {:?}", expected.main));
        }
        if edges != expected.edges {
            wrong.push(format!("{shape}: {edges:?}, not {:?}", expected.edges));
        }
        for package in &lock.packages {
            let read = package.artifacts.iter().flat_map(|a| &a.hashes);
            let read: Vec<&str> = read.map(|h| &*h.value).collect();
            let wanted = expected.hashes.get(&*package.name);
            let wanted: Vec<&str> = wanted.map(|h| &**h).into_iter().collect();
            if read != wanted {
                wrong.push(format!(
                    "{shape}: {} has {read:?}, not {wanted:?}",
                    package.name
                ));
            }
        }
    }
    assert!(cases >= 15, "{cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
