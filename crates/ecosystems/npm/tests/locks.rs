//! Every lock of the corpus, against what the client that wrote it says about it (`fixtures/projects/generate`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foretaste_io::files;
use foretaste_npm::project::READERS;
use foretaste_project::{Document, Files, Graph, Group, Input, Lock, Manifest, Origin, Reading};
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    packages: BTreeSet<String>,
    edges: BTreeSet<(String, String)>,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
}

struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        files::read(&self.0.join(path), 64 << 20).map_err(|e| e.to_string())
    }

    fn variable(&self, _name: &str) -> Option<String> {
        None
    }

    fn folders(&self, path: &str) -> Vec<String> {
        let at = self.0.join(path);
        let names = files::list(&at).unwrap_or_default();
        names
            .into_iter()
            .filter(|n| files::is_dir(&at.join(n)))
            .collect()
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/projects/npm")
}

fn cases() -> Vec<(String, PathBuf)> {
    let root = corpus();
    let mut cases = Vec::new();
    for client in files::list(&root).expect("the corpus is readable") {
        for shape in files::list(&root.join(&client)).expect("the corpus is readable") {
            cases.push((format!("{client}/{shape}"), root.join(&client).join(shape)));
        }
    }
    cases
}

fn read(folder: &Path, name: &str) -> Option<Reading> {
    let path: Arc<str> = name.into();
    let reader = READERS.iter().find(|r| (r.matches)(name))?;
    let bytes = files::read(&folder.join(name), 64 << 20).expect("the corpus is readable");
    Some((reader.read)(&Input {
        path: &path,
        bytes: &bytes,
        files: &Folder(folder.to_path_buf()),
    }))
}

fn read_case(folder: &Path) -> (Lock, Vec<Manifest>) {
    let mut lock = None;
    let mut manifests = Vec::new();
    for name in files::list(folder).expect("the corpus is readable") {
        let Some(reading) = read(folder, &name) else {
            continue;
        };
        assert_eq!(reading.problems, [], "{}/{name}", folder.display());
        match reading.document {
            Some(Document::Lock(found)) => lock = Some(found),
            Some(Document::Manifest(found)) => manifests.push(found),
            None => {}
        }
    }
    (lock.expect("a lock"), manifests)
}

/// `name@version`, or `<name>` for a project.
fn shown(lock: &Lock, index: usize) -> String {
    let package = &lock.packages[index];
    match package.origin {
        Origin::Member(_) | Origin::Path { .. } => format!("<{}>", package.name),
        _ => format!(
            "{}@{}",
            package.name,
            package.version.as_deref().unwrap_or("?")
        ),
    }
}

/// The corpus' own projects are shown with a version by some clients and without by others.
fn plain(name: &str) -> String {
    let (bare, _) = name.rsplit_once('@').unwrap_or((name, ""));
    if bare.starts_with("acme-") {
        format!("<{bare}>")
    } else {
        name.to_owned()
    }
}

fn differences(lock: &Lock, manifests: &[Manifest], expected: &Expected) -> Vec<String> {
    let mut packages = BTreeMap::new();
    let mut edges: BTreeMap<(String, String), bool> = BTreeMap::new();
    for (index, package) in lock.packages.iter().enumerate() {
        let name = shown(lock, index);
        // what another platform needs stands in the lock, and not in what is installed here
        let optional = package.group != Group::Main;
        if !name.starts_with('<') {
            packages.insert(name.clone(), optional);
        }
        for edge in &package.dependencies {
            if let Some(to) = edge.to {
                let may_be_missing = optional || edge.group != Group::Main;
                edges.insert((name.clone(), shown(lock, to)), may_be_missing);
            }
        }
    }
    let borrowed: Vec<&Manifest> = manifests.iter().collect();
    let graph = Graph::new(lock, &borrowed);
    let names: BTreeSet<&str> = graph.roots().iter().map(|r| &*r.name).collect();
    for root in graph.roots() {
        for edge in &root.dependencies {
            let to = match edge.to {
                Some(to) => shown(lock, to),
                None if names.contains(&*edge.name) => format!("<{}>", edge.name),
                None => continue,
            };
            edges.insert((format!("<{}>", root.name), to), edge.group != Group::Main);
        }
    }
    let mut found = Vec::new();
    for name in expected.packages.iter().filter(|p| !p.starts_with('<')) {
        if !packages.contains_key(name) {
            found.push(format!("package {name} is not read"));
        }
    }
    for (name, optional) in &packages {
        if !optional && !expected.packages.contains(name) {
            found.push(format!("package {name} is not there"));
        }
    }
    for (from, to) in &expected.edges {
        if !edges.contains_key(&(from.clone(), to.clone())) {
            found.push(format!("edge {from} -> {to} is not read"));
        }
    }
    for ((from, to), optional) in &edges {
        if !optional && !expected.edges.contains(&(from.clone(), to.clone())) {
            found.push(format!("edge {from} -> {to} is not there"));
        }
    }
    found
}

#[test]
fn every_lock_is_read_as_its_client_reads_it() {
    let mut wrong = Vec::new();
    let cases = cases();
    for (name, folder) in &cases {
        let text = files::read_text(&folder.join("expected.json"), 16 << 20)
            .expect("the corpus is readable");
        let mut expected: Expected = serde_json::from_str(&text).expect("the corpus is readable");
        expected.packages = expected.packages.iter().map(|p| plain(p)).collect();
        let edges = expected.edges.iter();
        expected.edges = edges.map(|(a, b)| (plain(a), plain(b))).collect();
        let (lock, manifests) = read_case(folder);
        let found = differences(&lock, &manifests, &expected);
        wrong.extend(found.iter().map(|d| format!("{name}: {d}")));
        for (package, integrity) in &expected.hashes {
            let index = (0..lock.packages.len()).find(|i| shown(&lock, *i) == *package);
            let read = index.and_then(|i| lock.packages[i].artifacts.first());
            let raw = integrity.strip_prefix("sha512-").expect("a SHA-512");
            let matches = read.is_some_and(|a| a.hashes.iter().any(|h| hex_of(raw) == *h.value));
            if !matches {
                wrong.push(format!("{name}: hash of {package}"));
            }
        }
    }
    assert!(cases.len() >= 90, "{} cases", cases.len());
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn hex_of(base64: &str) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(base64)
        .expect("the corpus is readable");
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// One release has one archive, whichever client locked it.
#[test]
fn clients_agree_about_the_hash_of_a_release() {
    let mut known: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut compared = 0;
    for (name, folder) in cases() {
        let (lock, _) = read_case(&folder);
        for (index, package) in lock.packages.iter().enumerate() {
            let Some(artifact) = package.artifacts.first() else {
                continue;
            };
            let Some(hash) = artifact.hashes.iter().find(|h| h.value.len() == 128) else {
                continue;
            };
            let release = shown(&lock, index);
            let (value, first) = known
                .entry(release.clone())
                .or_insert_with(|| (hash.value.to_string(), name.clone()));
            assert_eq!(*value, *hash.value, "{release}: {first} and {name}");
            compared += 1;
        }
        // berry leaves out the checksum of what is for other platforms
        let hashless = lock.packages.iter().filter(|p| {
            p.release(lock.ecosystem).is_some() && !p.is_hashed() && p.marker.is_empty()
        });
        assert_eq!(hashless.count(), 0, "{name}: a release without a hash");
    }
    assert!(compared > 500, "{compared}");
}

/// Cut anywhere, a lock still yields what stands before, and nobody panics.
#[test]
fn a_lock_that_breaks_off_is_read_up_to_there() {
    for (name, folder) in cases()
        .into_iter()
        .filter(|(n, _)| n.ends_with("/versions"))
    {
        for file in files::list(&folder).expect("the corpus is readable") {
            let Some(reader) = READERS.iter().find(|r| (r.matches)(&file)) else {
                continue;
            };
            let bytes = files::read(&folder.join(&file), 64 << 20).expect("the corpus is readable");
            let path: Arc<str> = file.as_str().into();
            let mut most = 0;
            for cut in (0..bytes.len()).step_by(97) {
                let reading = (reader.read)(&Input {
                    path: &path,
                    bytes: &bytes[..cut],
                    files: &Folder(folder.clone()),
                });
                if let Some(Document::Lock(lock)) = reading.document {
                    most = most.max(lock.packages.len());
                }
            }
            if file != "package.json" {
                assert!(most > 20, "{name}/{file}: {most}");
            }
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    /// Pieces of locks in any order, cut at any byte: nothing panics, and every edge leads to an entry.
    #[test]
    fn any_bytes_are_read(
        case in 0_usize..1000, cut in 0_usize..100_000, at in 0_usize..100_000,
        noise in "[\\x00-\\x7f\u{e9}\u{1f600}]{0,40}",
    ) {
        let cases = cases();
        let (_, folder) = &cases[case % cases.len()];
        for file in files::list(folder).expect("the corpus is readable") {
            for reader in READERS.iter().filter(|r| (r.matches)(&file)) {
                let mut bytes = files::read(&folder.join(&file), 64 << 20).expect("readable");
                let at = at % bytes.len();
                let end = (at + cut % 200).min(bytes.len());
                bytes.splice(at..end, noise.bytes());
                let path: Arc<str> = file.as_str().into();
                let input = Input { path: &path, bytes: &bytes, files: &Folder(folder.clone()) };
                if let Some(Document::Lock(lock)) = (reader.read)(&input).document {
                    let edges = lock.packages.iter().flat_map(|p| &p.dependencies);
                    let edges = edges.chain(lock.roots.iter().flat_map(|r| &r.dependencies));
                    for edge in edges {
                        proptest::prop_assert!(edge.to.is_none_or(|to| to < lock.packages.len()));
                    }
                }
            }
        }
    }
}

/// Locks of two megabytes, with a place for every entry; `--release -- --nocapture` prints how long each takes.
#[test]
fn large_locks_are_read_whole() {
    let folder = corpus().join("pnpm9/versions");
    let mut npm = String::from("{\"lockfileVersion\":3,\"packages\":{\"\":{\"name\":\"big\"}");
    let mut yarn = String::from("# yarn lockfile v1\n\n");
    let mut pnpm = String::from("lockfileVersion: '9.0'\n\npackages:\n\n");
    let hash = format!("sha512-{}==", "A".repeat(86));
    let count = 7_000;
    for n in 0..count {
        let next = (n + 1) % count;
        write!(npm, ",\n    \"node_modules/pad-{n}\": {{\n      \"version\": \"1.0.{n}\",\n      \"resolved\": \"https://registry.example/pad-{n}/-/pad-{n}-1.0.{n}.tgz\",\n      \"integrity\": \"{hash}\",\n      \"dependencies\": {{\n        \"pad-{next}\": \"^1.0.0\"\n      }}\n    }}").expect("text grows");
        write!(yarn, "pad-{n}@^1.0.0:\n  version \"1.0.{n}\"\n  resolved \"https://registry.example/pad-{n}/-/pad-{n}-1.0.{n}.tgz#{}\"\n  integrity {hash}\n  dependencies:\n    pad-{next} \"^1.0.0\"\n\n", "a".repeat(40)).expect("text grows");
        write!(pnpm, "  pad-{n}@1.0.{n}:\n    resolution: {{integrity: {hash}}}\n    engines: {{node: '>=14'}}\n\n").expect("text grows");
    }
    npm.push_str("}}");
    pnpm.push_str("snapshots:\n\n");
    for n in 0..count {
        let next = (n + 1) % count;
        write!(
            pnpm,
            "  pad-{n}@1.0.{n}:\n    dependencies:\n      pad-{next}: 1.0.{next}\n\n"
        )
        .expect("text grows");
    }
    for (name, text) in [
        ("package-lock.json", npm),
        ("yarn.lock", yarn),
        ("pnpm-lock.yaml", pnpm),
    ] {
        let path: Arc<str> = name.into();
        let reader = READERS
            .iter()
            .find(|r| (r.matches)(name))
            .expect("a reader");
        let begin = std::time::Instant::now();
        let reading = (reader.read)(&Input {
            path: &path,
            bytes: text.as_bytes(),
            files: &Folder(folder.clone()),
        });
        println!("{name}: {} bytes in {:?}", text.len(), begin.elapsed());
        let Some(Document::Lock(lock)) = reading.document else {
            panic!("{name} is a lock");
        };
        assert_eq!(
            (lock.packages.len(), reading.problems.len()),
            (count, 0),
            "{name}"
        );
        let edges = lock.packages.iter().flat_map(|p| &p.dependencies);
        assert_eq!(edges.filter(|e| e.to.is_some()).count(), count, "{name}");
    }
}
