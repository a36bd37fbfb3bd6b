//! Every lock and Gemfile of the corpus, against what bundler's own reader says (`fixtures/projects/generate/bundler.py`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use foretaste_io::files;
use foretaste_project::{
    Constraint, Document, Group, Lock, LockedPackage, Manifest, Origin, Problem, read_alone,
};
use foretaste_rubygems::READERS;
use serde::Deserialize;

#[derive(Deserialize)]
struct Expected {
    /// Name, version, platform, and what kind of place it comes from.
    packages: BTreeSet<(String, String, String, String)>,
    edges: BTreeSet<(String, String)>,
    /// What the lock says that the project asks for.
    roots: BTreeSet<String>,
    /// What the Gemfile asks for: name, requirement, groups.
    wishes: BTreeSet<(String, String, Vec<String>)>,
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fixtures/projects/gem")
}

fn read(folder: &Path, name: &str) -> (Document, Vec<Problem>) {
    let bytes = files::read(&folder.join(name), 1 << 20).expect("the corpus is readable");
    let reading = read_alone(READERS, name, &bytes).expect("a reader");
    (reading.document.expect("a document"), reading.problems)
}

/// Name, version and origin of what is locked.
type Locked = BTreeSet<(String, String, String)>;
/// Who needs whom.
type Edges = BTreeSet<(String, String)>;

fn of_lock(lock: &Lock) -> (Locked, Edges) {
    let place = |package: &LockedPackage| match package.origin {
        Origin::Registry(_) => "registry",
        Origin::Vcs { .. } => "git",
        _ => "path",
    };
    let shown = |p: &LockedPackage| {
        let version = p.version.as_deref().unwrap_or("");
        (p.name.to_string(), version.to_owned(), place(p).to_owned())
    };
    let edges = lock.packages.iter().flat_map(|package| {
        let needs = package.dependencies.iter();
        needs.map(|edge| (package.name.to_string(), edge.name.to_string()))
    });
    (lock.packages.iter().map(shown).collect(), edges.collect())
}

fn wish(manifest: &Manifest, name: &str) -> Option<(Constraint, Group)> {
    let found = manifest
        .requirements
        .iter()
        .find(|r| r.name.as_deref() == Some(name))?;
    Some((found.constraint.clone(), found.group))
}

/// A requirement in bundler's words, as far as it decides how loose it is.
fn looseness(requirement: &str) -> &'static str {
    match requirement {
        ">= 0" => "any",
        text if text.contains(',') => "range",
        text if text.starts_with("= ") => "one",
        text if text.starts_with('>') => "at least",
        _ => "range",
    }
}

#[test]
fn every_lock_is_read_as_bundler_reads_it() {
    let (mut wrong, mut cases) = (Vec::new(), 0);
    for shape in files::list(&corpus()).expect("the corpus is readable") {
        cases += 1;
        let folder = corpus().join(&shape);
        let text = files::read_text(&folder.join("expected.json"), 1 << 20).expect("readable");
        let expected: Expected = serde_json::from_str(&text).expect("readable");
        let (Document::Lock(lock), problems) = read(&folder, "Gemfile.lock") else {
            unreachable!("a lock");
        };
        assert_eq!(problems, [], "{shape}");
        let (packages, edges) = of_lock(&lock);
        let all = expected.packages.iter().cloned();
        let wanted: BTreeSet<_> = all.map(|(n, v, _, place)| (n, v, place)).collect();
        if packages != wanted {
            wrong.push(format!("{shape}: {packages:?} in the place of {wanted:?}"));
        }
        if edges != expected.edges {
            wrong.push(format!(
                "{shape}: {edges:?} in the place of {:?}",
                expected.edges
            ));
        }
        let roots = lock.roots.iter().flat_map(|r| &r.dependencies);
        let roots: BTreeSet<String> = roots.map(|edge| edge.name.to_string()).collect();
        if roots != expected.roots {
            wrong.push(format!(
                "{shape}: {roots:?} in the place of {:?}",
                expected.roots
            ));
        }
        let lost = lock.roots.iter().flat_map(|r| &r.dependencies);
        let lost = lost.filter(|edge| edge.to.is_none()).count();
        assert_eq!(lost, 0, "{shape}: a wish leads nowhere");

        let (Document::Manifest(gemfile), problems) = read(&folder, "Gemfile") else {
            unreachable!("a manifest");
        };
        for (name, requirement, groups) in &expected.wishes {
            let Some((constraint, group)) = wish(&gemfile, name) else {
                // what is computed, or stands in a gemspec, is known by the lock alone
                let is_told = !problems.is_empty() || shape == "gemspec";
                assert!(is_told && roots.contains(name), "{shape}: {name} is lost");
                continue;
            };
            let read = match constraint {
                Constraint::Any => "any",
                Constraint::Pinned(_) => "one",
                Constraint::AtLeast => "at least",
                Constraint::Range => "range",
                _ => looseness(requirement),
            };
            if read != looseness(requirement) {
                wrong.push(format!("{shape}: {name} is `{read}`, not `{requirement}`"));
            }
            let dev = groups.iter().all(|g| g == "development" || g == "test");
            if dev != (group == Group::Dev) {
                wrong.push(format!(
                    "{shape}: {name} is in {groups:?}, read as {group:?}"
                ));
            }
        }
    }
    assert!(cases >= 15, "{cases} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
