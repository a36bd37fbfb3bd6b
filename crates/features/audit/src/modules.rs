//! Under which names a package's code is imported.

use std::collections::{BTreeMap, BTreeSet};

use foretaste_model::Ecosystem;
use foretaste_model::facts::{ArtifactFacts, ArtifactKind};

/// Names of one package that are kept.
const MOST: usize = 24;
/// Folders and files at the top of a source archive that are not the package.
const NOT_THE_PACKAGE: &[&str] = &[
    "benchmarks",
    "conftest",
    "docs",
    "doc",
    "examples",
    "setup",
    "test",
    "tests",
    "versioneer",
];

/// The name that the package's own name suggests.
pub(crate) fn suggested(ecosystem: Ecosystem, name: &str) -> String {
    match ecosystem {
        Ecosystem::Pypi | Ecosystem::Cargo => name.replace('-', "_"),
        _ => name.to_owned(),
    }
}

/// The names under which the code of these artifacts is imported, sorted; empty where it is the name that the package's own
/// suggests, and where the files do not tell.
pub(crate) fn import_names(
    ecosystem: Ecosystem,
    name: &str,
    artifacts: &[ArtifactFacts],
) -> Vec<Box<str>> {
    if ecosystem != Ecosystem::Pypi {
        return Vec::new();
    }
    let of = |kinds: &[ArtifactKind], roots: fn(&[&str]) -> BTreeSet<String>| {
        let tasted = artifacts.iter().filter(|a| kinds.contains(&a.kind));
        let all = tasted.flat_map(|artifact| {
            let paths = artifact.files.iter().map(|f| &*f.path);
            roots(&paths.filter(|p| !p.contains("!/")).collect::<Vec<_>>())
        });
        all.collect::<BTreeSet<String>>()
    };
    // what is built says it; sources only suggest what will be built of them
    let mut found = of(&[ArtifactKind::Wheel, ArtifactKind::Egg], of_built);
    if found.is_empty() {
        found = of(&[ArtifactKind::Sdist], of_source);
        if !found.is_empty() {
            found.insert(suggested(ecosystem, name));
        }
    }
    if found.iter().any(|root| !is_beside(root)) {
        found.retain(|root| !is_beside(root));
    }
    if found.len() == 1 && found.contains(&*suggested(ecosystem, name)) {
        found.clear();
    }
    found.into_iter().take(MOST).map(Into::into).collect()
}

fn is_beside(root: &str) -> bool {
    let top = root.split('.').next().unwrap_or(root);
    NOT_THE_PACKAGE.contains(&top)
}

fn of_built(paths: &[&str]) -> BTreeSet<String> {
    let paths: Vec<&str> = paths.iter().filter_map(|path| installed(path)).collect();
    roots(&paths)
}

/// A build may take a package from any folder and give it its last name alone: both names are told. Modules that lie at the
/// top count only where there is no package.
fn of_source(paths: &[&str]) -> BTreeSet<String> {
    let own: Vec<&str> = paths
        .iter()
        .map(|path| path.strip_prefix("src/").unwrap_or(path))
        .filter(|path| !is_beside(path.split(['/', '.']).next().unwrap_or(path)))
        .collect();
    let packages: Vec<&str> = own
        .iter()
        .filter(|path| path.ends_with("/__init__.py"))
        .copied()
        .collect();
    if packages.is_empty() {
        let modules: Vec<&str> = own.into_iter().filter(|p| !p.contains('/')).collect();
        return roots(&modules);
    }
    let mut found = roots(&packages);
    let last = |root: &String| root.rsplit('.').next().map(str::to_owned);
    let short: Vec<String> = found.iter().filter_map(last).collect();
    found.extend(short);
    found
}

/// The path below `site-packages` that a member of a wheel is installed at.
fn installed(path: &str) -> Option<&str> {
    let (top, rest) = path.split_once('/').unwrap_or(("", path));
    if top.ends_with(".dist-info") || top == "EGG-INFO" {
        return None;
    }
    if top.ends_with(".data") {
        let (scheme, rest) = rest.split_once('/')?;
        return matches!(scheme, "purelib" | "platlib").then_some(rest);
    }
    Some(path)
}

/// The modules that stand for themselves: packages with an `__init__`, and what lies beside them or in a namespace.
fn roots(paths: &[&str]) -> BTreeSet<String> {
    let modules: Vec<(&str, &str)> = paths
        .iter()
        .filter_map(|path| {
            let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
            let is_code = [".py", ".so", ".pyd", ".pyx"]
                .iter()
                .any(|end| file.ends_with(end));
            Some((folder, file.split('.').next()?)).filter(|_| is_code)
        })
        .collect();
    let packages: BTreeSet<&str> = modules
        .iter()
        .filter(|(folder, stem)| *stem == "__init__" && !folder.is_empty())
        .map(|(folder, _)| *folder)
        .collect();
    let mut found: BTreeMap<String, bool> = BTreeMap::new();
    for (folder, stem) in modules {
        let mut at = 0;
        let package = loop {
            let end = folder.get(at..).and_then(|rest| rest.find('/'));
            let end = end.map_or(folder.len(), |next| at + next);
            let prefix = folder.get(..end).unwrap_or(folder);
            if packages.contains(prefix) {
                break Some(prefix);
            }
            if end >= folder.len() {
                break None;
            }
            at = end + 1;
        };
        let dotted = |path: &str| path.replace('/', ".");
        let root = match package {
            Some(package) => dotted(package),
            None if folder.is_empty() => stem.to_owned(),
            None => format!("{}.{stem}", dotted(folder)),
        };
        if root.split('.').all(is_identifier) {
            found.insert(root, package.is_none());
        }
    }
    if found.len() > MOST {
        // a package without a single `__init__`: its folders stand for its files
        let top = |root: &String| root.split('.').next().unwrap_or(root).to_owned();
        return found.keys().map(top).collect();
    }
    found.into_keys().collect()
}

fn is_identifier(text: &str) -> bool {
    !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> Vec<String> {
        let paths: Vec<&str> = paths.iter().copied().filter_map(installed).collect();
        roots(&paths).into_iter().collect()
    }

    #[test]
    fn sources_suggest_what_is_built_of_them() {
        let found = of_source(&[
            "setup.py",
            "lib/yaml/__init__.py",
            "lib3/yaml/__init__.py",
            "tests/lib/test_all.py",
            "tools/gen.py",
        ]);
        assert!(found.contains("yaml") && !found.contains("tools.gen"));
        let six = of_source(&["setup.py", "six.py", "test_six.py"]);
        assert!(six.contains("six"));
        let src = of_source(&["src/attr/__init__.py", "src/attrs/__init__.py"]);
        assert_eq!(src.into_iter().collect::<Vec<_>>(), ["attr", "attrs"]);
    }

    #[test]
    fn packages_modules_and_namespaces_are_told_from_files() {
        assert_eq!(
            of(&[
                "yaml/__init__.py",
                "yaml/_yaml.cpython-312-x86_64-linux-gnu.so",
                "_yaml/__init__.py",
                "PyYAML-6.0.dist-info/METADATA",
                "PyYAML-6.0.data/scripts/x.py",
            ]),
            ["_yaml", "yaml"]
        );
        assert_eq!(
            of(&[
                "google/cloud/storage/__init__.py",
                "google/cloud/storage/blob.py",
                "google/cloud/version.py",
            ]),
            ["google.cloud.storage", "google.cloud.version"]
        );
        assert_eq!(of(&["six.py", "README.py.md"]), ["six"]);
        assert_eq!(of(&["a-b/x.py", "1a.py"]), [""; 0]);
    }
}
