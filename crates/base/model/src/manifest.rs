//! What a package says about itself in its own manifest.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Ecosystem, Span};

/// A manifest found inside an artifact or folder (`PKG-INFO`, `METADATA`, `pyproject.toml`, `package.json`, `Cargo.toml`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestFacts {
    /// Whose manifest it is.
    pub ecosystem: Ecosystem,
    /// The name as written.
    pub name: Option<Box<str>>,
    /// The version as written.
    pub version: Option<Box<str>>,
    /// The one-line description.
    pub summary: Option<Box<str>>,
    /// The long description or README, if it is inside the manifest: its first 64 KiB.
    pub readme: Option<Box<str>>,
    /// Authors and maintainers.
    pub people: Vec<Person>,
    /// Licence expression or text line.
    pub license: Option<Box<str>>,
    /// Home page.
    pub homepage: Option<Box<str>>,
    /// Source repository.
    pub repository: Option<Box<str>>,
    /// Other labelled URLs, in order.
    pub urls: Vec<(Box<str>, Box<str>)>,
    /// Dependencies.
    pub dependencies: Vec<Dependency>,
    /// Life-cycle and other scripts, in order (npm).
    pub scripts: Vec<(Box<str>, Box<str>)>,
    /// Fields the manifest leaves to build time (`dynamic`), so that a difference is no confusion.
    pub dynamic: Vec<Box<str>>,
    /// `requires-python`, `engines.node` or `rust-version`.
    pub requires: Option<Box<str>>,
    /// It is not meant to be published (`private` of npm, `publish = false` of cargo).
    pub private: bool,
}

impl ManifestFacts {
    /// An empty manifest.
    pub const fn new(ecosystem: Ecosystem) -> Self {
        Self {
            ecosystem,
            name: None,
            version: None,
            summary: None,
            readme: None,
            people: Vec::new(),
            license: None,
            homepage: None,
            repository: None,
            urls: Vec::new(),
            dependencies: Vec::new(),
            scripts: Vec::new(),
            dynamic: Vec::new(),
            requires: None,
            private: false,
        }
    }
}

/// A person or team that a manifest or registry names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    /// The name, if given.
    pub name: Option<Box<str>>,
    /// The e-mail address, if given, unchecked.
    pub email: Option<Box<str>>,
}

/// A dependency as declared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Dependency {
    /// The name of the package that is installed (not the alias).
    pub name: Box<str>,
    /// The version requirement as written; empty for any.
    pub requirement: Box<str>,
    /// Why it is there.
    pub kind: DependencyKind,
    /// Where it comes from.
    pub source: DependencySource,
    /// The condition under which it applies (marker, `cfg`, extra); empty for always.
    pub condition: Box<str>,
    /// Where it is declared, if known.
    pub span: Option<Span>,
}

/// Why a dependency is there.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum DependencyKind {
    /// Needed to run.
    Run,
    /// Needed to build or install (`build-system.requires`, `build-dependencies`).
    Build,
    /// Needed to develop or test.
    Dev,
    /// Optional: extras, `optionalDependencies`.
    Optional,
    /// Expected from the installing project (`peerDependencies`).
    Peer,
}

/// Where a dependency comes from.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub enum DependencySource {
    /// The ecosystem's registry.
    Registry,
    /// Another registry that the manifest names: its name, or the URL of its index.
    OtherRegistry(Box<str>),
    /// An HTTP(S) URL.
    Url(Box<str>),
    /// A version-control URL.
    Git(Box<str>),
    /// A path.
    Path(Box<str>),
}
