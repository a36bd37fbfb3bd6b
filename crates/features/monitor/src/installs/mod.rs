//! What was installed, as the installers' own metadata on the disk tells, not their output.

mod cargo;
mod compare;
mod npm;
mod python;

use std::collections::{BTreeMap, HashSet};

use foretaste_model::{Digest, DigestAlgorithm, Ecosystem, PackageName};
use serde::Serialize;

pub use self::compare::{Locked, Status};

/// Installs that are kept.
const MAX_INSTALLS: usize = 50_000;

/// One package that was installed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Install {
    /// Whose package it is.
    pub ecosystem: Ecosystem,
    /// Its name, as its metadata writes it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it lies.
    pub place: String,
    /// The index or address it came from, as the installer recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// Hosts that the installing command reached, where the installer records no index.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Digests of the artifact, as recorded or as computed when it was written.
    pub digests: Vec<Digest>,
    /// The program that installed it, by its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub installer: Option<String>,
    /// The entry of the process that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub process: Option<usize>,
    /// The step of the job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Microseconds since the monitor began.
    pub time: u64,
    /// True if it was installed for a build alone, into an environment that is removed.
    pub temporary: bool,
    /// How it stands to the lock.
    pub status: Status,
    /// What the lock says, and where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<String>,
}

impl Install {
    fn new(
        ecosystem: Ecosystem,
        name: &str,
        version: &str,
        place: String,
        time: u64,
        process: Option<usize>,
    ) -> Self {
        Self {
            ecosystem,
            name: name.to_owned(),
            version: version.to_owned(),
            place,
            index: None,
            hosts: Vec::new(),
            digests: Vec::new(),
            installer: None,
            process,
            step: None,
            time,
            temporary: false,
            status: Status::NoLock,
            locked: None,
        }
    }

    /// The name in the form in which the ecosystem compares names.
    pub fn key(&self) -> PackageName {
        PackageName::new(self.ecosystem, &self.name)
    }
}

/// A file that a package is installed from, hashed when it was written.
#[derive(Clone, Debug)]
struct Artifact {
    filename: String,
    sha256: Box<str>,
}

/// Installs so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Installs {
    /// By where they lie.
    found: BTreeMap<String, Install>,
    artifacts: Vec<Artifact>,
    /// Manifests of npm packages that were written.
    manifests: HashSet<String>,
}

impl Installs {
    /// A file was written.
    pub(crate) fn written(
        &mut self,
        path: &str,
        sha256: Option<String>,
        time: u64,
        process: Option<usize>,
    ) {
        if let Some(sha256) = sha256
            && self.artifacts.len() < MAX_INSTALLS
        {
            let filename = path.rsplit('/').next().unwrap_or(path).to_owned();
            self.artifacts.push(Artifact {
                filename,
                sha256: sha256.into(),
            });
        }
        if self.found.len() >= MAX_INSTALLS {
            return;
        }
        if let Some(install) = python::written(path, time, process) {
            self.found.insert(install.place.clone(), install);
        } else if let Some(install) = cargo::written(path, time, process) {
            self.found.entry(install.place.clone()).or_insert(install);
        } else if path.ends_with("/package.json") && path.contains("/node_modules/") {
            self.manifests.insert(path.to_owned());
        } else if let Some(tree) = npm::tree(path) {
            for install in npm::read(tree, &self.manifests, time, process) {
                self.found.insert(install.place.clone(), install);
            }
        }
    }

    /// Everything, with what lies there now, compared with the lock.
    pub(crate) fn finish(mut self, locked: &Locked) -> Vec<Install> {
        for install in self.found.values_mut() {
            if install.ecosystem == Ecosystem::Pypi {
                python::complete(install);
            }
            if install.digests.is_empty()
                && let Some(sha256) = artifact(&self.artifacts, install)
            {
                install.digests.push(Digest {
                    algorithm: DigestAlgorithm::Sha256,
                    value: sha256,
                });
            }
            (install.status, install.locked) = locked.judge(install);
        }
        let mut all: Vec<Install> = self.found.into_values().collect();
        all.sort_by(|a, b| {
            (a.ecosystem, &a.name, &a.version, &a.place).cmp(&(
                b.ecosystem,
                &b.name,
                &b.version,
                &b.place,
            ))
        });
        all
    }
}

/// The digest of the artifact of a release. Of a source archive and the wheel that was built of it, the archive is what
/// the index served.
fn artifact(artifacts: &[Artifact], install: &Install) -> Option<Box<str>> {
    let fits = |artifact: &&Artifact| match install.ecosystem {
        Ecosystem::Pypi => python::is_artifact_of(&artifact.filename, install),
        Ecosystem::Cargo => {
            artifact.filename == format!("{}-{}.crate", install.name, install.version)
        }
        _ => false,
    };
    let is_source = |artifact: &&Artifact| !artifact.filename.ends_with(".whl");
    let mut fitting = artifacts.iter().filter(fits);
    let first = fitting.clone().find(is_source);
    first
        .or_else(|| fitting.next())
        .map(|artifact| artifact.sha256.clone())
}
