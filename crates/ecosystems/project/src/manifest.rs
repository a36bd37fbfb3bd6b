//! Files that ask for packages.

use std::sync::Arc;

use foretaste_model::Ecosystem;
use serde::{Deserialize, Serialize};

use crate::{DeclaredSource, Format, Group, Place, Requirement};

/// A file that asks for packages, with what it includes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Whose packages it asks for.
    pub ecosystem: Ecosystem,
    /// Its format.
    pub format: Format,
    /// The file, relative to the root of the project.
    pub path: Arc<str>,
    /// The name of the project itself, as written.
    pub name: Option<Box<str>>,
    /// The version of the project itself, as written.
    pub version: Option<Box<str>>,
    /// What it asks for, in the order of the text; what included files ask for stands where they are included.
    pub requirements: Vec<Requirement>,
    /// What it asks another package manager for that is not vetted here (conda packages).
    pub beyond: Vec<Requirement>,
    /// The indexes and registries it names.
    pub sources: Vec<DeclaredSource>,
    /// Settings that change how packages are chosen or checked: `--require-hashes`, `--no-binary`.
    pub options: Vec<DeclaredOption>,
    /// Other files that were read with it.
    pub includes: Vec<Include>,
    /// Members of the workspace whose root this is: folders or patterns, as written.
    pub members: Vec<Box<str>>,
    /// The language version it asks for (`requires-python`, `engines.node`, `rust-version`).
    pub requires: Option<Box<str>>,
    /// Fields that a build decides, so that their absence says nothing (PEP 621 `dynamic`).
    pub dynamic: Vec<Box<str>>,
}

impl Manifest {
    /// An empty manifest.
    pub fn new(format: Format, path: &Arc<str>) -> Self {
        Self {
            ecosystem: format.ecosystem(),
            format,
            path: path.clone(),
            name: None,
            version: None,
            requirements: Vec::new(),
            beyond: Vec::new(),
            sources: Vec::new(),
            options: Vec::new(),
            includes: Vec::new(),
            members: Vec::new(),
            requires: None,
            dynamic: Vec::new(),
        }
    }

    /// What it asks for: a limit or a replacement of what others ask for is no wish.
    pub fn wishes(&self) -> impl Iterator<Item = &Requirement> {
        let limits = [Group::Constraint, Group::Override];
        self.requirements
            .iter()
            .filter(move |r| !limits.contains(&r.group))
    }

    /// The last value of an option, and where it was set.
    pub fn option(&self, name: &str) -> Option<&DeclaredOption> {
        self.options.iter().rev().find(|o| &*o.name == name)
    }
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredOption {
    /// Its name, in the long form: `--require-hashes`, `only-built-dependencies`.
    pub name: Box<str>,
    /// Its value; empty for a switch.
    pub value: Box<str>,
    /// Where it is set.
    pub place: Place,
}

/// Another file that was read with a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Include {
    /// The file, relative to the root of the project; as written if it is a URL, which is not followed.
    pub path: Arc<str>,
    /// True if it only limits (`-c`).
    pub constraint: bool,
    /// Where it is included.
    pub place: Place,
}
