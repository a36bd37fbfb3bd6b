//! What is installed beside the locks: a virtual environment or `node_modules` that is not what was locked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use foretaste_io::files;
use foretaste_model::{Ecosystem, PackageName};
use foretaste_project::{Environment, Graph, Group, Origin};
use foretaste_projects::{Project, Unit};
use foretaste_pypi::PypiVersion;
use serde::{Deserialize, Serialize};

use crate::Share;
use crate::sets::fixed_versions;

/// Differences that are named of one repository.
const MOST_NAMED: usize = 20;
/// What installers bring themselves, and no lock names.
const TOOLS: &[&str] = &["pip", "setuptools", "wheel"];
/// The folders in which Python projects keep their environment.
const ENVIRONMENTS: &[&str] = &[".venv", "venv", "env", ".env"];

/// How what is installed beside locks differs from them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installed {
    /// Environments that lie beside a lock.
    pub environments: usize,
    /// Installed packages that a lock names in this version, of all that are installed.
    pub as_locked: Share,
    /// Installed packages that are locked in another version.
    pub other_version: usize,
    /// Installed packages that no lock names.
    pub extra: usize,
    /// Packages that are locked for every machine and are not installed.
    pub missing: usize,
    /// The first differences, by name.
    pub differences: Vec<Difference>,
}

/// One package that is not installed as it is locked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// The environment, relative to the repository.
    pub environment: String,
    /// The package.
    pub package: String,
    /// The installed version; none if it is not installed.
    pub installed: Option<String>,
    /// The locked versions; empty if no lock names it.
    pub locked: Vec<String>,
}

impl Installed {
    /// Adds another repository's figures; whose differences they are, its own entry tells.
    pub(crate) fn add(&mut self, other: &Self) {
        self.environments += other.environments;
        self.as_locked += other.as_locked;
        self.other_version += other.other_version;
        self.extra += other.extra;
        self.missing += other.missing;
    }

    /// Everything that differs.
    pub const fn differ(&self) -> usize {
        self.other_version + self.extra + self.missing
    }

    fn compare(&mut self, shown: &str, environment: &Environment, locked: &Locked<'_>) {
        self.environments += 1;
        let ecosystem = environment.ecosystem;
        let same = |a: &str, b: &str| match ecosystem {
            Ecosystem::Pypi => PypiVersion::new(a).same(&PypiVersion::new(b)),
            _ => a == b,
        };
        let mut seen = BTreeSet::new();
        for package in &environment.packages {
            let key = package.key(ecosystem);
            let version = &package.version;
            let wanted = locked.versions.get(&key);
            seen.insert(key.clone());
            if wanted.is_none() && locked.leaves_alone(&key, &package.origin) {
                continue;
            }
            let as_locked = wanted.is_some_and(|all| all.iter().any(|w| same(w, version)));
            self.as_locked.count(as_locked);
            if as_locked {
                continue;
            }
            match wanted {
                Some(_) => self.other_version += 1,
                None => self.extra += 1,
            }
            self.name(shown, &key, Some(version), wanted);
        }
        for name in locked.needed.iter().filter(|n| !seen.contains(*n)) {
            self.missing += 1;
            self.name(shown, name, None, locked.versions.get(name));
        }
    }

    fn name(
        &mut self,
        shown: &str,
        package: &PackageName,
        installed: Option<&str>,
        locked: Option<&BTreeSet<Box<str>>>,
    ) {
        self.differences.push(Difference {
            environment: shown.to_owned(),
            package: package.to_string(),
            installed: installed.map(str::to_owned),
            locked: locked
                .into_iter()
                .flatten()
                .map(ToString::to_string)
                .collect(),
        });
    }
}

/// What the locks of one folder hold for one ecosystem.
#[derive(Default)]
struct Locked<'a> {
    versions: BTreeMap<PackageName, BTreeSet<Box<str>>>,
    /// What every machine installs.
    needed: BTreeSet<PackageName>,
    /// The projects themselves.
    own: BTreeSet<PackageName>,
    /// False if some list beside them is open: then nobody can say what does not belong there.
    closed: bool,
    units: Vec<&'a Unit<'a>>,
}

impl<'a> Locked<'a> {
    fn of(units: Vec<&'a Unit<'a>>, own: &BTreeSet<PackageName>) -> Self {
        let mut locked = Self {
            own: own.clone(),
            closed: true,
            ..Self::default()
        };
        for unit in &units {
            match fixed_versions(unit) {
                Some(versions) => {
                    for (name, fixed) in versions {
                        locked.versions.entry(name).or_default().extend(fixed);
                    }
                }
                None => locked.closed = false,
            }
        }
        locked.units = units;
        locked
    }

    /// Works out what must be there; only for locks beside which something is installed.
    fn with_needs(mut self) -> Self {
        for unit in &self.units {
            if let Some(lock) = unit.lock {
                let always = Graph::new(lock, &unit.manifests).always();
                let needed = lock.packages.iter().zip(always).filter(|(p, always)| {
                    *always && p.group == Group::Main && matches!(p.origin, Origin::Registry(_))
                });
                let names = needed.map(|(p, _)| PackageName::new(lock.ecosystem, &p.name));
                self.needed.extend(names);
            } else {
                for manifest in &unit.manifests {
                    let always = manifest.requirements.iter().filter(|r| r.marker.is_empty());
                    let names = always.filter_map(|r| r.key(manifest.ecosystem));
                    self.needed
                        .extend(names.filter(|n| self.versions.contains_key(n)));
                }
            }
        }
        self
    }

    /// What may lie there though no lock names it.
    fn leaves_alone(&self, name: &PackageName, origin: &Origin) -> bool {
        !self.closed
            || TOOLS.contains(&name.as_str())
            || (self.own.contains(name) && matches!(origin, Origin::Path { .. }))
    }
}

/// Compares what lies beside the locks of a repository; none if nothing is installed there. Files are not hashed, and nothing
/// is run: `foretaste verify` compares them byte by byte.
pub(crate) fn installed(project: &Project, root: &Path) -> Option<Installed> {
    let all = project.units();
    let mut folders: BTreeMap<(&str, Ecosystem), Vec<&Unit<'_>>> = BTreeMap::new();
    for unit in &all {
        let of_manifest = unit.manifests.first().map(|m| m.ecosystem);
        if let Some(ecosystem) = unit.lock.map(|l| l.ecosystem).or(of_manifest) {
            let place = folders.entry((unit.folder, ecosystem)).or_default();
            place.push(unit);
        }
    }
    let own: BTreeSet<PackageName> = project
        .manifests
        .iter()
        .filter_map(|m| Some(PackageName::new(m.ecosystem, m.name.as_deref()?)))
        .collect();
    let mut found = Installed::default();
    for ((folder, ecosystem), units) in folders {
        let beside = beside(&root.join(folder), ecosystem);
        if beside.is_empty() {
            continue;
        }
        let locked = Locked::of(units, &own).with_needs();
        if locked.versions.is_empty() {
            continue;
        }
        for path in beside {
            let shown = path.strip_prefix(root).unwrap_or(&path);
            let shown = shown.display().to_string();
            let environment = match ecosystem {
                Ecosystem::Npm => Some(foretaste_npm::project::installed(&path).environment),
                _ => foretaste_pypi::environment::listed(&path)
                    .ok()
                    .map(|read| read.environment),
            };
            if let Some(environment) = environment {
                found.compare(&shown, &environment, &locked);
            }
        }
    }
    found.differences.sort();
    found.differences.truncate(MOST_NAMED);
    (found.environments > 0).then_some(found)
}

/// The environments that lie in a folder.
fn beside(folder: &Path, ecosystem: Ecosystem) -> Vec<PathBuf> {
    match ecosystem {
        Ecosystem::Npm => {
            let modules = folder.join("node_modules");
            Vec::from_iter(files::is_dir(&modules).then_some(modules))
        }
        Ecosystem::Pypi => ENVIRONMENTS
            .iter()
            .map(|name| folder.join(name))
            .filter(|path| files::is_file(&path.join("pyvenv.cfg")))
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::Environment as Surroundings;

    use super::*;

    fn of(entries: &[(&str, &str)]) -> Option<Installed> {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in entries {
            files::write(&dir.path().join(path), text.as_bytes()).expect("written");
        }
        let project = Project::discover(dir.path(), &Surroundings::below(dir.path()));
        installed(&project.expect("read"), dir.path())
    }

    fn told(found: &Installed) -> Vec<String> {
        let tell = |d: &Difference| {
            let installed = d.installed.as_deref().unwrap_or("-");
            format!("{} {} {installed} {:?}", d.environment, d.package, d.locked)
        };
        found.differences.iter().map(tell).collect()
    }

    #[test]
    fn an_environment_is_compared_with_the_lists_beside_it() {
        let site = ".venv/lib/python3.12/site-packages";
        let entry = |name: &str, version: &str| {
            let path = format!("{site}/{name}-{version}.dist-info/METADATA");
            (
                path,
                format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
            )
        };
        let mut entries = vec![
            (
                "requirements.txt".to_owned(),
                "six==1.0\nattrs==25.1\nrich==14.0\nwinonly==1; sys_platform == 'win32'\n"
                    .to_owned(),
            ),
            (".venv/pyvenv.cfg".to_owned(), String::new()),
        ];
        entries.extend([
            entry("six", "1.0.0"),
            entry("attrs", "24.3"),
            entry("stray", "1"),
            entry("pip", "25"),
        ]);
        let entries: Vec<(&str, &str)> = entries.iter().map(|(a, b)| (&**a, &**b)).collect();
        let found = of(&entries).expect("compared");
        assert_eq!(found.as_locked, Share::new(1, 3));
        assert_eq!(
            (found.other_version, found.extra, found.missing),
            (1, 1, 1),
            "{found:#?}"
        );
        assert_eq!(
            told(&found),
            [
                ".venv attrs 24.3 [\"25.1\"]",
                ".venv rich - [\"14.0\"]",
                ".venv stray 1 []"
            ]
        );
    }

    #[test]
    fn what_lies_in_node_modules_is_compared_version_by_version() {
        let lock = r#"{"name": "a", "lockfileVersion": 3, "packages": {
            "": {"name": "a", "dependencies": {"x": "^1", "y": "^1"}, "optionalDependencies": {"o": "1"}},
            "node_modules/x": {"version": "1.0.0"}, "node_modules/y": {"version": "1.2.0"},
            "node_modules/y/node_modules/x": {"version": "2.0.0"},
            "node_modules/o": {"version": "1.0.0", "optional": true}}}"#;
        let found = of(&[
            (
                "app/package.json",
                r#"{"name": "a", "dependencies": {"x": "^1", "y": "^1"}}"#,
            ),
            ("app/package-lock.json", lock),
            (
                "app/node_modules/x/package.json",
                r#"{"name": "x", "version": "2.0.0"}"#,
            ),
            (
                "app/node_modules/z/package.json",
                r#"{"name": "z", "version": "1.0.0"}"#,
            ),
        ])
        .expect("compared");
        assert_eq!(found.as_locked, Share::new(1, 2));
        assert_eq!(
            told(&found),
            [
                "app/node_modules y - [\"1.2.0\"]",
                "app/node_modules z 1.0.0 []"
            ]
        );
    }

    #[test]
    fn an_open_list_accuses_no_package_and_no_environment_is_nothing() {
        assert_eq!(of(&[("requirements.txt", "six==1\n")]), None);
        let six = ".venv/lib/python3.12/site-packages/six-1.dist-info/METADATA";
        let more = ".venv/lib/python3.12/site-packages/more-1.dist-info/METADATA";
        let found = of(&[
            ("requirements.txt", "six==1\n"),
            ("dev-requirements.txt", "pytest\n"),
            (".venv/pyvenv.cfg", ""),
            (six, "Metadata-Version: 2.1\nName: six\nVersion: 1\n"),
            (more, "Metadata-Version: 2.1\nName: more\nVersion: 1\n"),
        ]);
        assert_eq!(found.expect("compared").differ(), 0);
    }
}
