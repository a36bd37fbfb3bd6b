//! What was installed against what the project's locks say. They are read before the job runs: it could change them.

use std::collections::BTreeMap;
use std::path::Path;

use foretaste_io::Environment;
use foretaste_model::{Digest, Ecosystem, PackageName};
use foretaste_project::{Constraint, Format, Lock, Origin, Place};
use foretaste_projects::{Project, ProjectError};
use foretaste_pypi::PypiVersion;
use serde::Serialize;

use super::Install;

/// How an install stands to the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It is as the lock says.
    Locked,
    /// The lock names it, but holds no digest that can be compared, or none of what was installed is known.
    LockedUnhashed,
    /// A manifest asks for it without fixing a version; no lock does.
    Unpinned,
    /// Its ecosystem has no lock here.
    NoLock,
    /// It is a project of the workspace.
    Own,
    /// It is a tool that every environment has, or was installed for a build alone.
    Tool,
    /// No lock names it.
    NotLocked,
    /// Another version is locked.
    OtherVersion,
    /// The locked version, with other bytes.
    OtherHash,
}

impl Status {
    /// In a few words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Locked => "as locked",
            Self::LockedUnhashed => "as locked, digest not compared",
            Self::Unpinned => "asked for without a version, not locked",
            Self::NoLock => "no lock to compare with",
            Self::Own => "the project's own",
            Self::Tool => "a tool, not locked",
            Self::NotLocked => "NOT IN THE LOCK",
            Self::OtherVersion => "ANOTHER VERSION than locked",
            Self::OtherHash => "OTHER BYTES than locked",
        }
    }

    /// True if it is not what the lock says.
    pub const fn is_drift(self) -> bool {
        matches!(self, Self::NotLocked | Self::OtherVersion | Self::OtherHash)
    }
}

/// What every environment has.
const TOOLS: &[&str] = &["pip", "setuptools", "wheel"];

#[derive(Clone, Debug)]
struct Entry {
    version: Option<Box<str>>,
    hashes: Vec<Digest>,
    place: Place,
}

/// What a project's locks and lists fix.
#[derive(Clone, Debug, Default)]
pub struct Locked {
    entries: BTreeMap<(Ecosystem, PackageName), Vec<Entry>>,
    own: Vec<(Ecosystem, PackageName)>,
    /// What could not be read.
    pub problems: Vec<String>,
    /// The files that it was read from.
    pub files: Vec<String>,
}

impl Locked {
    /// Reads the locks of a project; of what has none, its lists of requirements.
    ///
    /// # Errors
    /// The folder cannot be listed.
    pub fn of_project(root: &Path, environment: &Environment) -> Result<Self, ProjectError> {
        let project = Project::discover(root, environment)?;
        let mut found = Self::default();
        for unit in project.units() {
            if let Some(lock) = unit.lock {
                found.lock(lock);
                continue;
            }
            for manifest in unit
                .manifests
                .iter()
                .filter(|m| m.format == Format::Requirements)
            {
                found.files.push(manifest.path.to_string());
                for requirement in manifest.wishes() {
                    let version = match &requirement.constraint {
                        Constraint::Pinned(version) => Some(version.clone()),
                        Constraint::Any | Constraint::AtLeast | Constraint::Range => None,
                        _ => continue,
                    };
                    let Some(name) = requirement.key(manifest.ecosystem) else {
                        continue;
                    };
                    let entry = Entry {
                        version,
                        hashes: requirement.hashes.clone(),
                        place: requirement.place.clone(),
                    };
                    found
                        .entries
                        .entry((manifest.ecosystem, name))
                        .or_default()
                        .push(entry);
                }
            }
        }
        found
            .own
            .extend(project.manifests.iter().filter_map(|manifest| {
                let name = PackageName::new(manifest.ecosystem, manifest.name.as_deref()?);
                Some((manifest.ecosystem, name))
            }));
        found.problems.extend(
            project
                .problems
                .iter()
                .map(|problem| format!("{}: {}", problem.place, problem.message)),
        );
        Ok(found)
    }

    fn lock(&mut self, lock: &Lock) {
        self.files.push(lock.path.to_string());
        for package in &lock.packages {
            let name = PackageName::new(lock.ecosystem, &package.name);
            if matches!(package.origin, Origin::Member(_) | Origin::Path { .. }) {
                self.own.push((lock.ecosystem, name));
                continue;
            }
            let entry = Entry {
                version: package.version.clone(),
                hashes: package
                    .artifacts
                    .iter()
                    .flat_map(|artifact| artifact.hashes.clone())
                    .collect(),
                place: package.place.clone(),
            };
            self.entries
                .entry((lock.ecosystem, name))
                .or_default()
                .push(entry);
        }
    }

    /// How an install stands to what is fixed, and what is fixed instead.
    pub(crate) fn judge(&self, install: &Install) -> (Status, Option<String>) {
        let key = (install.ecosystem, install.key());
        if self.own.contains(&key) {
            return (Status::Own, None);
        }
        let Some(entries) = self.entries.get(&key) else {
            let has_lock = self
                .entries
                .keys()
                .any(|(ecosystem, _)| *ecosystem == install.ecosystem);
            let is_tool = install.temporary
                || install.ecosystem == Ecosystem::Pypi && TOOLS.contains(&key.1.as_str());
            return match (has_lock, is_tool) {
                (false, _) => (Status::NoLock, None),
                (true, true) => (Status::Tool, None),
                (true, false) => (Status::NotLocked, None),
            };
        };
        let fixed: Vec<&Entry> = entries
            .iter()
            .filter(|entry| entry.version.is_some())
            .collect();
        let Some(first) = fixed.first() else {
            let place = entries.first().map(|entry| entry.place.to_string());
            return (Status::Unpinned, place);
        };
        let says = |entry: &Entry| {
            format!(
                "{} at {}",
                entry.version.as_deref().unwrap_or_default(),
                entry.place
            )
        };
        let same: Vec<&&Entry> = fixed
            .iter()
            .filter(|entry| is_same(install, entry.version.as_deref().unwrap_or_default()))
            .collect();
        let Some(entry) = same.first() else {
            let status = if install.temporary {
                Status::Tool
            } else {
                Status::OtherVersion
            };
            return (status, Some(says(first)));
        };
        let comparable = |digest: &&Digest| {
            same.iter().any(|entry| {
                entry
                    .hashes
                    .iter()
                    .any(|hash| hash.algorithm == digest.algorithm)
            })
        };
        let compared: Vec<&Digest> = install.digests.iter().filter(comparable).collect();
        let fits = |digest: &&&Digest| same.iter().any(|entry| entry.hashes.contains(digest));
        let status = match (
            compared.is_empty(),
            compared.iter().all(|digest| fits(&digest)),
        ) {
            (true, _) => Status::LockedUnhashed,
            (false, true) => Status::Locked,
            (false, false) => Status::OtherHash,
        };
        (status, Some(says(entry)))
    }
}

fn is_same(install: &Install, version: &str) -> bool {
    if install.ecosystem == Ecosystem::Pypi {
        PypiVersion::new(&install.version).same(&PypiVersion::new(version))
    } else {
        install.version == version
    }
}

#[cfg(test)]
mod tests {
    use foretaste_io::files;
    use foretaste_model::DigestAlgorithm;

    use super::*;

    fn locked(file: &str, text: &str) -> Locked {
        let folder = tempfile::tempdir().expect("a folder");
        files::write(&folder.path().join(file), text.as_bytes()).expect("written");
        Locked::of_project(folder.path(), &Environment::below(folder.path())).expect("a project")
    }

    fn judged(locked: &Locked, name: &str, version: &str, sha256: Option<&str>) -> Status {
        let mut install = Install::new(Ecosystem::Pypi, name, version, String::new(), 0, None);
        install.digests.extend(sha256.map(|value| Digest {
            algorithm: DigestAlgorithm::Sha256,
            value: value.into(),
        }));
        locked.judge(&install).0
    }

    #[test]
    fn what_is_installed_is_compared_with_a_list_of_hashes() {
        let (a, b) = ("a".repeat(64), "b".repeat(64));
        let locked = locked(
            "requirements.txt",
            &format!("six==1.16.0 --hash=sha256:{a}\nrequests>=2.25\n"),
        );
        assert_eq!(judged(&locked, "Six", "1.16", Some(&a)), Status::Locked);
        assert_eq!(
            judged(&locked, "six", "1.16.0", Some(&b)),
            Status::OtherHash
        );
        assert_eq!(
            judged(&locked, "six", "1.16.0", None),
            Status::LockedUnhashed
        );
        assert_eq!(
            judged(&locked, "six", "1.15.0", Some(&a)),
            Status::OtherVersion
        );
        assert_eq!(
            judged(&locked, "acme-corp-util", "1.0.3", None),
            Status::NotLocked
        );
        assert_eq!(
            judged(&locked, "requests", "2.32.0", None),
            Status::Unpinned
        );
        assert_eq!(judged(&locked, "pip", "24.0", None), Status::Tool);
    }

    #[test]
    fn without_a_lock_nothing_is_accused() {
        let locked = locked("Cargo.lock", "version = 4\n");
        assert_eq!(judged(&locked, "six", "1.16.0", None), Status::NoLock);
    }
}
