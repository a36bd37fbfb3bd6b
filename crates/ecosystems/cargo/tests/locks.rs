//! Every lock of the corpus, against `cargo metadata` (`fixtures/projects/generate/cargo.py`).

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use foretaste_cargo::project::READERS;
use foretaste_io::files;
use foretaste_project::{Document, Input, NoFiles};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    packages: BTreeSet<String>,
    edges: BTreeSet<(String, String)>,
}

#[test]
fn every_lock_is_read_as_cargo_reads_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/projects/cargo");
    let cases = files::list(&root).expect("the corpus is readable");
    assert!(cases.len() >= 8, "{cases:?}");
    for case in cases {
        let folder = root.join(&case);
        let path: Arc<str> = "Cargo.lock".into();
        let bytes = files::read(&folder.join(&*path), 1 << 20).expect("a lock");
        let text = files::read_text(&folder.join("expected.json"), 1 << 20).expect("a table");
        let expected: Expected = serde_json::from_str(&text).expect("a table");
        let input = Input {
            path: &path,
            bytes: &bytes,
            files: &NoFiles,
        };
        let reader = READERS
            .iter()
            .find(|reader| (reader.matches)(&path))
            .expect("a reader");
        let reading = (reader.read)(&input);
        assert_eq!(reading.problems, [], "{case}");
        let Some(Document::Lock(lock)) = reading.document else {
            panic!("{case}: no lock");
        };
        let name = |index: usize| {
            let it = &lock.packages[index];
            format!("{}@{}", it.name, it.version.as_deref().unwrap_or("?"))
        };
        let packages: BTreeSet<String> = (0..lock.packages.len()).map(name).collect();
        assert_eq!(packages, expected.packages, "{case}");
        let edges: BTreeSet<(String, String)> = lock
            .packages
            .iter()
            .enumerate()
            .flat_map(|(i, p)| p.dependencies.iter().map(move |e| (i, e)))
            .map(|(i, e)| (name(i), e.to.map_or_else(|| format!("? {}", e.name), name)))
            .collect();
        assert_eq!(edges, expected.edges, "{case}");
        let hashed = lock
            .packages
            .iter()
            .filter(|p| p.release(lock.ecosystem).is_some());
        assert!(
            hashed
                .into_iter()
                .all(foretaste_project::LockedPackage::is_hashed),
            "{case}"
        );
    }
}
