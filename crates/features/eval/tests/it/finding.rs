//! Finding samples on disk.

use std::path::Path;

use foretaste_eval::{BenignSource, MaliciousSource, Sample, collect};
use foretaste_io::files::write;

fn list(path: &Path, root: Option<&Path>) -> MaliciousSource {
    MaliciousSource {
        path: path.to_owned(),
        root: root.map(Path::to_owned),
        families: None,
    }
}

fn folder(path: &Path, kind: Option<&str>) -> BenignSource {
    BenignSource {
        kind: kind.map(ToOwned::to_owned),
        path: path.to_owned(),
    }
}

fn shown(samples: &[Sample]) -> Vec<(&str, &str)> {
    samples.iter().map(|s| (&*s.name, &*s.family)).collect()
}

#[test]
fn a_list_names_paths_and_families() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().join("samples");
    write(&root.join("a/a-1.tar.gz"), b"x").expect("written");
    write(&root.join("b-1.whl"), b"x").expect("written");
    let tsv = dir.path().join("list.tsv");
    write(&tsv, b"# comment\nb-1.whl\tworm\n\na/a-1.tar.gz\n").expect("written");
    let samples = collect(&[list(&tsv, Some(&root))], &[]).expect("found");
    assert_eq!(
        shown(&samples),
        [("a/a-1.tar.gz", "a/a-1.tar.gz"), ("b-1.whl", "worm")]
    );
    let error = collect(&[list(&tsv, None)], &[]).expect_err("not beside the list");
    let message = error.to_string();
    assert!(
        message.contains("list.tsv:2:") && message.contains("--root"),
        "{message}"
    );
}

#[test]
fn a_table_of_families_wins_over_the_list() {
    let dir = tempfile::tempdir().expect("a folder");
    write(&dir.path().join("b-1.whl"), b"x").expect("written");
    let table = dir.path().join("families.tsv");
    write(&table, b"b-1.whl\tworm\n").expect("written");
    let source = MaliciousSource {
        families: Some(table),
        ..list(dir.path(), None)
    };
    assert_eq!(
        shown(&collect(&[source], &[]).expect("found")),
        [("b-1.whl", "worm")]
    );
}

#[test]
fn a_folder_of_packages_holds_scopes_and_inner_packages() {
    let dir = tempfile::tempdir().expect("a folder");
    for path in ["a", "@s/b", "a/node_modules/c", ".bin"] {
        write(&dir.path().join(path).join("package.json"), b"{}").expect("written");
    }
    write(&dir.path().join("a/lib/inner.tgz"), b"x").expect("written");
    let samples = collect(&[], &[folder(dir.path(), Some("npm"))]).expect("found");
    let names: Vec<_> = samples.iter().map(|s| &*s.name).collect();
    assert_eq!(names, ["@s/b", "a", "a/node_modules/c"]);
    assert_eq!(samples[0].kind.as_deref(), Some("npm"));
}

#[test]
fn a_folder_of_archives_is_searched_deeply() {
    let dir = tempfile::tempdir().expect("a folder");
    for path in ["index-1/a-1.0.crate", "b-1.whl", "README.txt"] {
        write(&dir.path().join(path), b"x").expect("written");
    }
    let samples = collect(&[], &[folder(dir.path(), None)]).expect("found");
    let names: Vec<_> = samples.iter().map(|s| &*s.name).collect();
    assert_eq!(names, ["b-1.whl", "index-1/a-1.0.crate"]);
    let empty = tempfile::tempdir().expect("a folder");
    let error = collect(&[], &[folder(empty.path(), None)]).expect_err("nothing there");
    assert!(error.to_string().contains("holds no package"), "{error}");
}
