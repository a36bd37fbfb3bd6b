//! What is installed.

use foretaste_model::{Ecosystem, PackageName};
use serde::{Deserialize, Serialize};

use crate::{Origin, Requirement};

/// The packages that lie in an environment on disk: a virtual environment, `node_modules`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    /// Whose packages they are.
    pub ecosystem: Ecosystem,
    /// Its folder, as given.
    pub path: Box<str>,
    /// What is installed, sorted by name.
    pub packages: Vec<InstalledPackage>,
    /// Files that lie among them and that none of them brought, relative to the environment, sorted.
    pub strays: Vec<Box<str>>,
}

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledPackage {
    /// Its name, as its metadata writes it.
    pub name: Box<str>,
    /// Its version.
    pub version: Box<str>,
    /// Its metadata's folder (`x-1.dist-info`) or its own (`node_modules/x`), relative to the environment.
    pub folder: Box<str>,
    /// Where it came from, if that was recorded (`direct_url.json`); else a registry.
    pub origin: Origin,
    /// The program that installed it, if it left its name (`INSTALLER`).
    pub installer: Option<Box<str>>,
    /// True if it was asked for by name, not needed by another; none if that is not recorded.
    pub requested: Option<bool>,
    /// What it needs, by its own metadata.
    pub dependencies: Vec<Requirement>,
    /// True if the environment records what was installed, so that changes can be seen.
    pub recorded: bool,
    /// Files that are not as they were installed.
    pub changed: Vec<ChangedFile>,
}

impl InstalledPackage {
    /// The name in the form in which the ecosystem compares names.
    pub fn key(&self, ecosystem: Ecosystem) -> PackageName {
        PackageName::new(ecosystem, &self.name)
    }
}

/// A file that is not as it was installed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ChangedFile {
    /// The file, as the record writes it.
    pub path: Box<str>,
    /// What happened to it.
    pub change: FileChange,
}

/// What happened to an installed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileChange {
    /// Its content is another.
    Modified,
    /// It is gone.
    Missing,
    /// It lies in the package's folder, and no record knows it.
    Added,
    /// It could not be read, so nothing is known.
    Unreadable,
}
