//! `Cargo.lock`, versions 1 to 4.

use std::collections::HashMap;

use foretaste_project::{
    Document, Edge, Format, Input, Location, Lock, LockedArtifact, LockedPackage, Origin, Place,
    Problem, Reading, Root, Text,
};
use toml_edit::{Item, Table};

/// Bytes that are read.
const MAX_BYTES: usize = 64 << 20;

pub(super) fn read(input: &Input<'_>) -> Reading {
    let mut lock = Lock::new(Format::CargoLock, input.path);
    let mut problems = Vec::new();
    if input.bytes.len() > MAX_BYTES {
        let message = format!("larger than {MAX_BYTES} bytes; it was not read");
        problems.push(Problem::new(Place::file(input.path), message));
        return finish(lock, problems);
    }
    let text = String::from_utf8_lossy(input.bytes);
    let places = Text::new(input.path, &text);
    // an entry that is broken takes itself away, not the whole lock
    for (start, part) in parts(&text) {
        match toml_edit::Document::parse(part) {
            Ok(document) => {
                let wrong = take(document.as_table(), start, part, &places, &mut lock);
                problems.extend(wrong);
            }
            Err(error) => {
                let at = error.span().map_or(0, |s| s.start) + start;
                let message = format!("not TOML: {}", error.message().replace('\n', " "));
                problems.push(Problem::new(places.place(&(at..at + 1)), message));
            }
        }
    }
    connect(&mut lock);
    finish(lock, problems)
}

fn finish(lock: Lock, problems: Vec<Problem>) -> Reading {
    Reading {
        document: Some(Document::Lock(lock)),
        problems,
    }
}

/// The text cut before every table, each part with the byte where it begins.
fn parts(text: &str) -> Vec<(usize, &str)> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if line.starts_with('[') {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts
        .iter()
        .zip(ends)
        .filter_map(|(start, end)| Some((*start, text.get(*start..end)?)))
        .filter(|(_, part)| !part.trim().is_empty())
        .collect()
}

/// Takes in what a table says, and tells which checksums are none: cargo would refuse to build with them.
fn take(
    table: &Table,
    start: usize,
    part: &str,
    places: &Text<'_>,
    lock: &mut Lock,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut checked = |name: &str, item: &Item| {
        // what cargo did not download yet stands so in version 1
        let text = item.as_str().filter(|text| *text != "<none>")?;
        let found = artifact(text);
        if found.is_none() {
            let at = item.span().unwrap_or(0..part.len());
            let place = places.place(&(start + at.start..start + at.end));
            let message = format!("the checksum of {name} is no SHA-256 (64 hexadecimal digits)");
            let hint = "restore the line from the lock's history, or let cargo write the lock anew";
            problems.push(Problem::new(place, message).hint(hint));
        }
        found
    };
    if let Some(version) = table.get("version").and_then(Item::as_integer) {
        lock.format_version = version.to_string().into();
    }
    // version 1 keeps the checksums in a table of their own: `"checksum a 1.0.0 (source)" = "…"`
    let metadata = table.get("metadata").and_then(Item::as_table);
    for (key, value) in metadata.into_iter().flat_map(Table::iter) {
        let Some(rest) = key.strip_prefix("checksum ") else {
            continue;
        };
        let mut words = rest.split(' ');
        let (name, version) = (words.next(), words.next());
        let found = lock
            .packages
            .iter_mut()
            .find(|p| Some(&*p.name) == name && p.version.as_deref() == version);
        if let Some(package) = found {
            let artifact = checked(&package.name, value);
            package.artifacts.extend(artifact);
        }
    }
    let entries = table.get("package").and_then(Item::as_array_of_tables);
    let root = table.get("root").and_then(Item::as_table);
    for entry in entries.into_iter().flatten().chain(root) {
        let field = |name: &str| entry.get(name).and_then(Item::as_str);
        let Some(name) = field("name") else {
            continue;
        };
        let end = start + part.trim_end().len();
        let place = places.place(&(start..end));
        let origin = field("source").map_or_else(|| Origin::Member("".into()), origin);
        let mut package = LockedPackage::new(name, field("version"), origin, place);
        let checksum = entry.get("checksum");
        package
            .artifacts
            .extend(checksum.and_then(|item| checked(name, item)));
        let needs = entry.get("dependencies").and_then(Item::as_array);
        package.dependencies = needs
            .into_iter()
            .flatten()
            .filter_map(|need| Some(Edge::new(need.as_str()?, None)))
            .collect();
        lock.packages.push(package);
    }
    problems
}

/// `registry+https://…`, `sparse+https://…`, `git+https://…?branch=x#commit`. The default registry is none.
fn origin(source: &str) -> Origin {
    if let Some(git) = source.strip_prefix("git+") {
        let (url, rev) = git
            .split_once('#')
            .map_or((git, None), |(u, r)| (u, Some(r)));
        return Origin::Vcs {
            url: Location::new(url.split('?').next().unwrap_or(url)),
            rev: rev.map(Into::into),
            subdirectory: None,
        };
    }
    let url = source.strip_prefix("registry+").unwrap_or(source);
    let default = url == tame_index::CRATES_IO_INDEX || url == tame_index::CRATES_IO_HTTP_INDEX;
    Origin::Registry((!default).then(|| Location::new(url)))
}

fn artifact(checksum: &str) -> Option<LockedArtifact> {
    Some(LockedArtifact {
        filename: "".into(),
        url: None,
        hashes: vec![format!("sha256:{checksum}").parse().ok()?],
        other_hashes: Vec::new(),
        size: None,
    })
}

/// Needs are written as `name`, `name version` or `name version (source)`, as much as is needed to tell entries apart.
fn connect(lock: &mut Lock) {
    let mut names: HashMap<Box<str>, Vec<usize>> = HashMap::new();
    for (index, package) in lock.packages.iter().enumerate() {
        names.entry(package.name.clone()).or_default().push(index);
    }
    let mut found: Vec<Vec<Edge>> = Vec::with_capacity(lock.packages.len());
    for package in &lock.packages {
        let edges = package.dependencies.iter().map(|need| {
            let mut words = need.name.splitn(3, ' ');
            let name = words.next().unwrap_or("");
            let version = words.next();
            let source = words.next().map(|s| origin(s.trim_matches(['(', ')'])));
            let candidates = names.get(name).map_or(&[][..], Vec::as_slice);
            let to = candidates.iter().copied().find(|index| {
                let it = &lock.packages[*index];
                version.is_none_or(|v| it.version.as_deref() == Some(v))
                    && source.as_ref().is_none_or(|s| same_place(&it.origin, s))
            });
            Edge::new(name, to)
        });
        found.push(edges.collect());
    }
    for (package, edges) in lock.packages.iter_mut().zip(found) {
        package.dependencies = edges;
    }
    let projects = lock.packages.iter().enumerate();
    let roots: Vec<Root> = projects
        .filter(|(_, p)| matches!(p.origin, Origin::Member(_)))
        .map(|(index, p)| Root {
            name: p.name.clone(),
            package: Some(index),
            dependencies: p.dependencies.clone(),
        })
        .collect();
    lock.roots = roots;
}

/// Needs name a Git source without its commit.
fn same_place(a: &Origin, b: &Origin) -> bool {
    match (a, b) {
        (Origin::Vcs { url: a, .. }, Origin::Vcs { url: b, .. }) => a == b,
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use foretaste_project::NoFiles;
    use proptest::prelude::*;

    use super::*;

    fn lock(text: &str) -> (Lock, Vec<Problem>) {
        let path: Arc<str> = "Cargo.lock".into();
        let reading = read(&Input {
            path: &path,
            bytes: text.as_bytes(),
            files: &NoFiles,
        });
        match reading.document {
            Some(Document::Lock(lock)) => (lock, reading.problems),
            _ => unreachable!("a lock is always read"),
        }
    }

    #[test]
    fn version_1_keeps_checksums_apart() {
        let hash = "ab".repeat(32);
        let text = format!(
            "[[package]]\nname = \"shop\"\nversion = \"1.0.0\"\ndependencies = [\n \"pad 1.0.0 (registry+https://registry.example/index)\",\n]\n\n[[package]]\nname = \"pad\"\nversion = \"1.0.0\"\nsource = \"registry+https://registry.example/index\"\n\n[metadata]\n\"checksum pad 1.0.0 (registry+https://registry.example/index)\" = \"{hash}\"\n"
        );
        let (lock, problems) = lock(&text);
        assert_eq!(problems, []);
        assert_eq!(lock.roots[0].dependencies[0].to, Some(1));
        assert_eq!(&*lock.packages[1].artifacts[0].hashes[0].value, hash);
    }

    #[test]
    fn a_checksum_that_is_none_is_told_with_its_line() {
        let good = "ab".repeat(32);
        for (checksum, wrong) in [
            (good.as_str(), false),
            (&good[1..], true),
            ("", true),
            ("zz", true),
            ("sha256:00", true),
        ] {
            let entry = format!(
                "version = 4\n\n[[package]]\nname = \"pad\"\nversion = \"1.0.0\"\nsource = \"registry+https://registry.example/index\"\nchecksum = \"{checksum}\"\n"
            );
            let (lock, problems) = lock(&entry);
            assert_eq!(lock.packages.len(), 1, "the rest is read");
            let told: Vec<String> = problems
                .iter()
                .map(|p| format!("{}: {}", p.place, p.message))
                .collect();
            let expected =
                "Cargo.lock:7:12: the checksum of pad is no SHA-256 (64 hexadecimal digits)";
            assert_eq!(
                told,
                if wrong { vec![expected] } else { vec![] },
                "{checksum}"
            );
        }
        let (_, problems) = lock(
            "[[package]]\nname = \"pad\"\nversion = \"1.0.0\"\n\n[metadata]\n\"checksum pad 1.0.0 (x)\" = \"<none>\"\n\"checksum pad 1.0.0 (y)\" = \"12\"\n",
        );
        assert_eq!((problems.len(), problems[0].place.span.line), (1, 7));
    }

    #[test]
    fn a_broken_entry_takes_only_itself_away() {
        let (lock, problems) = lock(
            "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = oops\n\n[[package]]\nname = \"git\"\nversion = \"2.0.0\"\nsource = \"git+https://git.example/r?branch=x#0123\"\n",
        );
        assert_eq!(lock.packages.len(), 2);
        assert_eq!((problems.len(), problems[0].place.span.line), (1, 8));
        let Origin::Vcs { url, rev, .. } = &lock.packages[1].origin else {
            unreachable!("a Git source");
        };
        assert_eq!(
            (url.expose(), rev.as_deref()),
            ("https://git.example/r", Some("0123"))
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "\\PC{0,200}", parts in proptest::collection::vec(
            proptest::sample::select(vec!["[[package]]\n", "name = \"a\"\n", "version = \"1\"\n", "dependencies = [\"a 1\"]\n", "[metadata]\n", "source = \"git+x#y\"\n", "é", "[", "\"", "\n"]), 0..30)) {
            let _ = (lock(&text), lock(&parts.concat()));
        }
    }
}
