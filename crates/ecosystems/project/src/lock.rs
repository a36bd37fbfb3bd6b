//! Files that say which packages were chosen.

use std::collections::HashMap;
use std::sync::Arc;

use foretaste_model::{Digest, Ecosystem, PackageName, ReleaseId};
use serde::{Deserialize, Serialize};

use crate::{Constraint, DeclaredSource, Format, Group, Location, Manifest, Place, Requirement};

/// A lock: the packages that were chosen, and who needs whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// Whose packages they are.
    pub ecosystem: Ecosystem,
    /// Its format.
    pub format: Format,
    /// The file, relative to the root of the project.
    pub path: Arc<str>,
    /// The version of the format, as written.
    pub format_version: Box<str>,
    /// Every entry, in the order of the text.
    pub packages: Vec<LockedPackage>,
    /// The projects that it was made for and what each asks for, if the lock knows; else see [`Lock::rooted`].
    pub roots: Vec<Root>,
    /// The indexes and registries it names.
    pub sources: Vec<DeclaredSource>,
    /// The language version it holds for.
    pub requires: Option<Box<str>>,
    /// The digest of the manifest it was made from, if it keeps one.
    pub manifest_hash: Option<Box<str>>,
}

impl Lock {
    /// An empty lock.
    pub fn new(format: Format, path: &Arc<str>) -> Self {
        Self {
            ecosystem: format.ecosystem(),
            format,
            path: path.clone(),
            format_version: "".into(),
            packages: Vec::new(),
            roots: Vec::new(),
            sources: Vec::new(),
            requires: None,
            manifest_hash: None,
        }
    }

    /// The indices of the entries of each name, in the order of the text.
    pub fn by_name(&self) -> HashMap<PackageName, Vec<usize>> {
        let mut found: HashMap<PackageName, Vec<usize>> = HashMap::new();
        for (index, package) in self.packages.iter().enumerate() {
            found
                .entry(PackageName::new(self.ecosystem, &package.name))
                .or_default()
                .push(index);
        }
        found
    }

    /// Unconditional requirements of a manifest, of those that `counts` takes, of which this lock knows no package:
    /// it was not renewed.
    pub fn lacks<'m>(
        &self,
        manifest: &'m Manifest,
        counts: impl Fn(&Requirement) -> bool,
    ) -> Vec<&'m Requirement> {
        // go.sum holds hashes of what was loaded, not the choice; a pylock may be made for a part of the groups
        if matches!(self.format, Format::GoSum | Format::Pylock) {
            return Vec::new();
        }
        let locked = self.by_name();
        let is_missing = |wish: &&Requirement| {
            wish.marker.is_empty()
                && matches!(
                    wish.constraint,
                    Constraint::Any
                        | Constraint::AtLeast
                        | Constraint::Range
                        | Constraint::Pinned(_)
                )
                && counts(wish)
                && wish
                    .key(self.ecosystem)
                    .is_some_and(|name| !locked.contains_key(&name))
        };
        manifest.requirements.iter().filter(is_missing).collect()
    }
}

/// One entry of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedPackage {
    /// The name of the package, as written (the real one, not an alias).
    pub name: Box<str>,
    /// The version, as written; none where a lock leaves it to the build (an editable project).
    pub version: Option<Box<str>>,
    /// Where it comes from.
    pub origin: Origin,
    /// The files it may be installed from, as far as the lock names them.
    pub artifacts: Vec<LockedArtifact>,
    /// Whom it needs.
    pub dependencies: Vec<Edge>,
    /// Why it is there: the most needed use (main before optional before dev).
    pub group: Group,
    /// The groups, extras or environments it is in, by name, as far as the lock says.
    pub groups: Vec<Box<str>>,
    /// The condition under which it is installed, as written; empty for always.
    pub marker: Box<str>,
    /// The folder it is installed in (npm `node_modules/a/node_modules/b`); empty if the lock does not say.
    pub folder: Box<str>,
    /// Whether it runs code when it is installed, if the lock says (`hasInstallScript`, `requiresBuild`).
    pub install_script: Option<bool>,
    /// Where the entry stands.
    pub place: Place,
}

impl LockedPackage {
    /// An entry without details.
    pub fn new(name: &str, version: Option<&str>, origin: Origin, place: Place) -> Self {
        Self {
            name: name.into(),
            version: version.map(Into::into),
            origin,
            artifacts: Vec::new(),
            dependencies: Vec::new(),
            group: Group::Main,
            groups: Vec::new(),
            marker: "".into(),
            folder: "".into(),
            install_script: None,
            place,
        }
    }

    /// The release, for what comes from a registry and has a version.
    pub fn release(&self, ecosystem: Ecosystem) -> Option<ReleaseId> {
        let version = self.version.as_deref()?;
        matches!(self.origin, Origin::Registry(_))
            .then(|| ReleaseId::new(ecosystem, &self.name, version))
    }

    /// True if every file that it may be installed from has a strong hash here, and there is one at least.
    pub fn is_hashed(&self) -> bool {
        let strong = |a: &LockedArtifact| {
            a.hashes.iter().any(|h| h.algorithm.is_strong()) || !a.other_hashes.is_empty()
        };
        !self.artifacts.is_empty() && self.artifacts.iter().all(strong)
    }
}

/// Where a locked package comes from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// A registry: its URL or name as the lock writes it; none for the client's default.
    Registry(Option<Location>),
    /// An archive's URL.
    Url(Location),
    /// A Git repository (or another version-control system).
    Vcs {
        /// The repository.
        url: Location,
        /// The commit that was chosen, or what else the lock says.
        rev: Option<Box<str>>,
        /// The folder of the package within it.
        subdirectory: Option<Box<str>>,
    },
    /// A file or folder of this machine, as written.
    Path {
        /// The path.
        path: Box<str>,
        /// A working copy that the installation follows.
        editable: bool,
    },
    /// A project of this workspace: the folder, as written (`.` for the root).
    Member(Box<str>),
}

/// A file that a locked package may be installed from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LockedArtifact {
    /// The file's name; empty where the lock holds hashes alone.
    pub filename: Box<str>,
    /// Where it is, if the lock says.
    pub url: Option<Location>,
    /// Its digests: every one must match.
    pub hashes: Vec<Digest>,
    /// Hashes of another kind, as written: `h1:…` of Go, the checksum of a yarn archive.
    pub other_hashes: Vec<Box<str>>,
    /// Its size in bytes, if the lock says.
    pub size: Option<u64>,
}

/// A need: of a package, or of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// The name of whom it needs, as written.
    pub name: Box<str>,
    /// The entry that meets it: an index into [`Lock::packages`]. None if it is not installed (an optional one, another
    /// platform's).
    pub to: Option<usize>,
    /// The version specifier, as written; empty if the lock keeps none.
    pub specifier: Box<str>,
    /// The extras that are asked of it.
    pub extras: Vec<Box<str>>,
    /// The condition, as written; empty for always.
    pub marker: Box<str>,
    /// Why.
    pub group: Group,
    /// The extra or group by which it is needed; empty for the main list.
    pub group_name: Box<str>,
}

impl Edge {
    /// A plain need.
    pub fn new(name: &str, to: Option<usize>) -> Self {
        Self {
            name: name.into(),
            to,
            specifier: "".into(),
            extras: Vec::new(),
            marker: "".into(),
            group: Group::Main,
            group_name: "".into(),
        }
    }
}

/// A project that a lock was made for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Root {
    /// Its name; empty if the lock does not say.
    pub name: Box<str>,
    /// Its own entry in the lock, if it has one: an index into [`Lock::packages`].
    pub package: Option<usize>,
    /// What it asks for.
    pub dependencies: Vec<Edge>,
}
