//! What lies in a Python environment: the metadata of what was installed, where it came from, and whether its files are
//! still what was installed. Nothing of it is run or imported.

mod record;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use foretaste_io::files;
use foretaste_model::Ecosystem;
use foretaste_project::{
    ChangedFile, Environment, FileChange, InstalledPackage, Location, Origin, Place, Requirement,
};
use serde::Deserialize;

use crate::manifest;

/// Files of an environment that are looked at.
const MAX_FILES: usize = 1_000_000;
/// Bytes of one installed file.
const MAX_FILE: u64 = 1 << 30;
/// Bytes of a metadata file.
const MAX_METADATA: u64 = 16 << 20;

/// An environment, and what of it could not be read.
#[derive(Clone, Debug)]
pub struct Installed {
    /// The packages.
    pub environment: Environment,
    /// One sentence each.
    pub problems: Vec<String>,
}

/// True for what virtualenv and uv lay into every environment that they make, and no package brings.
pub fn is_made_by_tools(stray: &str) -> bool {
    matches!(
        stray.rsplit('/').next(),
        Some("_virtualenv.py" | "_virtualenv.pth")
    )
}

/// Reads the environment at `root`: a virtual environment, a prefix such as `/usr/local`, or a `site-packages` folder.
///
/// # Errors
/// No `site-packages` folder is there.
pub fn installed(root: &Path) -> Result<Installed, String> {
    read(root, true)
}

/// As [`installed`], without comparing the files: only what is there, by its metadata.
///
/// # Errors
/// No `site-packages` folder is there.
pub fn listed(root: &Path) -> Result<Installed, String> {
    read(root, false)
}

fn read(root: &Path, compare: bool) -> Result<Installed, String> {
    let sites = sites(root);
    if sites.is_empty() {
        return Err(format!(
            "{} holds no Python environment: there is no site-packages folder in it",
            root.display()
        ));
    }
    let mut found = Installed {
        environment: Environment {
            ecosystem: Ecosystem::Pypi,
            path: root.display().to_string().into(),
            packages: Vec::new(),
            strays: Vec::new(),
        },
        problems: Vec::new(),
    };
    let fence = files::real_path(root).unwrap_or_else(|| root.to_owned());
    for (prefix, site) in sites {
        Site::new(&prefix, &site, &fence, compare).read(&mut found);
    }
    let packages = &mut found.environment.packages;
    packages.sort_by(|a, b| (&a.name, &a.folder).cmp(&(&b.name, &b.folder)));
    found.environment.strays.sort();
    Ok(found)
}

/// The folders that packages lie in, with their paths relative to the environment.
fn sites(root: &Path) -> Vec<(String, PathBuf)> {
    let names = files::list(root).unwrap_or_default();
    let is_metadata = |n: &String| n.ends_with(".dist-info") || n.ends_with(".egg-info");
    if root.file_name().is_some_and(|n| n == "site-packages") || names.iter().any(is_metadata) {
        return vec![(String::new(), root.to_owned())];
    }
    let mut found = Vec::new();
    let mut look = |relative: String| {
        let path = root.join(&relative);
        let real = files::real_path(&path);
        let known = found
            .iter()
            .any(|(_, other): &(String, PathBuf)| files::real_path(other) == real);
        if files::is_dir(&path) && !known {
            found.push((relative, path));
        }
    };
    for lib in ["lib", "lib64"] {
        for python in files::list(&root.join(lib)).unwrap_or_default() {
            if python.starts_with("python") {
                look(format!("{lib}/{python}/site-packages"));
                look(format!("{lib}/{python}/dist-packages"));
            }
        }
    }
    look("Lib/site-packages".to_owned());
    found
}

/// One folder of packages.
struct Site<'a> {
    prefix: &'a str,
    path: &'a Path,
    /// Nothing outside is read: a record may name any path.
    fence: &'a Path,
    /// Whether files are compared with what was installed.
    compare: bool,
    /// Every file that a record names, relative to the folder.
    owned: BTreeSet<String>,
    /// The folder of the metadata of who fills a top folder; the first one of several.
    tops: BTreeMap<String, String>,
}

impl<'a> Site<'a> {
    fn new(prefix: &'a str, path: &'a Path, fence: &'a Path, compare: bool) -> Self {
        Self {
            prefix,
            path,
            fence,
            compare,
            owned: BTreeSet::new(),
            tops: BTreeMap::new(),
        }
    }

    fn read(mut self, found: &mut Installed) {
        let names = files::list(self.path).unwrap_or_default();
        let mut packages = Vec::new();
        for name in &names {
            if name.ends_with(".dist-info") || name.ends_with(".egg-info") {
                packages.extend(self.package(name, &mut found.problems));
            }
        }
        if self.compare {
            self.additions(&mut packages, found);
        }
        found.environment.packages.append(&mut packages);
    }

    fn package(&mut self, folder: &str, problems: &mut Vec<String>) -> Option<InstalledPackage> {
        let home = self.path.join(folder);
        let is_wheel = folder.ends_with(".dist-info");
        let metadata = match (is_wheel, files::is_dir(&home)) {
            (true, _) => home.join("METADATA"),
            (false, true) => home.join("PKG-INFO"),
            (false, false) => home.clone(),
        };
        let text = match files::read(&metadata, MAX_METADATA) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => {
                problems.push(error.to_string());
                return None;
            }
        };
        let (facts, _, _) = manifest::observe("PKG-INFO", &text)?;
        let (Some(name), Some(version)) = (facts.name.clone(), facts.version.clone()) else {
            problems.push(format!("{} names no package", metadata.display()));
            return None;
        };
        let place = Place::file(&format!("{folder}/METADATA").into());
        let text_of = |file: &str| {
            files::is_dir(&home)
                .then(|| files::read_config(&home.join(file)).ok().flatten())
                .flatten()
        };
        let record = text_of("RECORD");
        let changed = record.as_deref().map(|text| {
            if self.compare {
                self.check(folder, text)
            } else {
                Vec::new()
            }
        });
        Some(InstalledPackage {
            name,
            version,
            folder: self.shown(folder).into(),
            origin: text_of("direct_url.json").map_or(Origin::Registry(None), |t| origin(&t)),
            installer: text_of("INSTALLER").map(|t| t.trim().into()),
            requested: is_wheel.then(|| files::exists(&home.join("REQUESTED"))),
            dependencies: facts
                .dependencies
                .iter()
                .map(|d| Requirement::new(&d.name, place.clone()))
                .collect(),
            recorded: changed.is_some(),
            changed: changed.unwrap_or_default(),
        })
    }

    /// Compares every recorded file with what lies there.
    fn check(&mut self, folder: &str, record: &str) -> Vec<ChangedFile> {
        let mut changed = Vec::new();
        for entry in record::read(record) {
            let mut tell = |change| {
                changed.push(ChangedFile {
                    path: entry.path.as_str().into(),
                    change,
                });
            };
            if let Some((top, _)) = entry.path.split_once('/').filter(|(top, _)| *top != "..") {
                let owner = self.tops.entry(top.to_owned());
                owner.or_insert_with(|| folder.to_owned());
            }
            self.owned.insert(entry.path.clone());
            if entry.odd {
                tell(FileChange::Unreadable);
                continue;
            }
            if entry.digest.is_none() {
                continue;
            }
            let path = self.path.join(&entry.path);
            if !files::exists(&path) {
                tell(FileChange::Missing);
                continue;
            }
            let inside = files::real_path(&path).is_some_and(|real| real.starts_with(self.fence));
            if !inside {
                tell(FileChange::Unreadable);
                continue;
            }
            match files::read(&path, MAX_FILE) {
                Ok(bytes) => {
                    if entry.is(&bytes) == Some(false) {
                        tell(FileChange::Modified);
                    }
                }
                Err(_) => tell(FileChange::Unreadable),
            }
        }
        changed
    }

    /// Files that no record names: in a package's folder they are its additions, elsewhere they are strays. Byte code is
    /// made by every run of Python.
    fn additions(&self, packages: &mut [InstalledPackage], found: &mut Installed) {
        let walk = match files::walk(self.path, MAX_FILES, |name| name == "__pycache__") {
            Ok(walk) => walk,
            Err(error) => {
                found.problems.push(error.to_string());
                return;
            }
        };
        if walk.truncated {
            found.problems.push(format!(
                "only the first {MAX_FILES} files of {} were looked at",
                self.path.display()
            ));
        }
        let unrecorded = packages.iter().any(|p| !p.recorded);
        let links = walk.left_out.into_iter().map(|(path, _)| path);
        let unowned = walk
            .files
            .into_iter()
            .map(|file| file.relative)
            .chain(links)
            .filter(|path| !self.owned.contains(path));
        for path in unowned {
            let top = path.split('/').next().unwrap_or_default();
            if top.ends_with(".egg-info") || top.ends_with(".egg-link") {
                continue;
            }
            let is_folder = path.contains('/');
            let home = self.tops.get(top).filter(|_| is_folder);
            let home = home.map(|folder| self.shown(folder));
            let owner = packages
                .iter_mut()
                .find(|p| home.as_deref() == Some(&*p.folder));
            match owner {
                Some(owner) => owner.changed.push(ChangedFile {
                    path: path.into(),
                    change: FileChange::Added,
                }),
                // what has no record at all (an egg) cannot be told apart from its additions
                None if unrecorded && is_folder => {}
                None => found.environment.strays.push(self.shown(&path).into()),
            }
        }
    }

    fn shown(&self, path: &str) -> String {
        if self.prefix.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{path}", self.prefix)
        }
    }
}

/// `direct_url.json` (PEP 610).
#[derive(Deserialize)]
struct DirectUrl {
    url: String,
    vcs_info: Option<VcsInfo>,
    dir_info: Option<DirInfo>,
    subdirectory: Option<String>,
}

#[derive(Deserialize)]
struct VcsInfo {
    vcs: String,
    commit_id: Option<String>,
}

#[derive(Deserialize)]
struct DirInfo {
    #[serde(default)]
    editable: bool,
}

fn origin(text: &str) -> Origin {
    let Ok(direct) = serde_json::from_str::<DirectUrl>(text) else {
        return Origin::Url(Location::new("an unreadable direct_url.json"));
    };
    if let Some(vcs) = direct.vcs_info {
        return Origin::Vcs {
            url: Location::new(&format!("{}+{}", vcs.vcs, direct.url)),
            rev: vcs.commit_id.map(Into::into),
            subdirectory: direct.subdirectory.map(Into::into),
        };
    }
    match direct.dir_info {
        Some(dir) => Origin::Path {
            path: direct.url.into(),
            editable: dir.editable,
        },
        None => Origin::Url(Location::new(&direct.url)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "a/__init__.py,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\na/gone.py,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\n../../../bin/a,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\n../../../../out,sha256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0,3\na-1.dist-info/METADATA,,\na-1.dist-info/RECORD,,\na-1.dist-info/direct_url.json,,\n";

    fn environment(extra: &[(&str, &str)]) -> Installed {
        let dir = files::TemporaryDir::new(None).expect("a folder");
        let site = "venv/lib/python3.11/site-packages";
        let plain = [
            ("a/__init__.py", "abc"),
            (
                "a-1.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: A\nVersion: 1\nRequires-Dist: six\n",
            ),
            ("a-1.dist-info/RECORD", RECORD),
            (
                "a-1.dist-info/direct_url.json",
                "{\"url\": \"https://files.example/a.whl\", \"archive_info\": {}}",
            ),
        ];
        for (path, text) in plain.iter().chain(extra) {
            files::write(&dir.path().join(site).join(path), text.as_bytes()).expect("written");
        }
        files::write(&dir.path().join("venv/bin/a"), b"abc").expect("written");
        files::write(&dir.path().join("out"), b"abc").expect("written");
        installed(&dir.path().join("venv")).expect("an environment")
    }

    fn told(found: &Installed) -> Vec<String> {
        found.environment.packages[0]
            .changed
            .iter()
            .map(|c| format!("{} {:?}", c.path, c.change))
            .collect()
    }

    #[test]
    fn files_are_compared_with_the_record_and_nothing_outside_is_read() {
        let found = environment(&[("a/__pycache__/x.pyc", "")]);
        let package = &found.environment.packages[0];
        assert_eq!((&*package.name, &*package.version), ("A", "1"));
        assert!(matches!(package.origin, Origin::Url(_)));
        assert_eq!(
            &*package.dependencies[0].name.clone().expect("named"),
            "six"
        );
        assert_eq!(
            told(&found),
            ["a/gone.py Missing", "../../../../out Unreadable"]
        );
        assert!(found.environment.strays.is_empty() && found.problems.is_empty());
    }

    #[test]
    fn additions_and_strays_are_told_apart() {
        let found = environment(&[
            ("a/__init__.py", "abd"),
            ("a/extra.py", ""),
            ("evil.pth", "import a"),
            ("b/x.py", ""),
        ]);
        assert!(told(&found).contains(&"a/__init__.py Modified".to_owned()));
        assert!(told(&found).contains(&"a/extra.py Added".to_owned()));
        let strays: Vec<&str> = found.environment.strays.iter().map(|s| &**s).collect();
        let site = "lib/python3.11/site-packages";
        assert_eq!(
            strays,
            [format!("{site}/b/x.py"), format!("{site}/evil.pth")]
        );
    }
}
