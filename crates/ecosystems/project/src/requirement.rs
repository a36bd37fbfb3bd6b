//! One wish of a manifest.

use foretaste_model::{Digest, Ecosystem, PackageName};
use serde::{Deserialize, Serialize};

use crate::{Location, Place};

/// A package that a manifest asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// The name of the package that would be installed, as written; none where only its place is given (`./lib`, an
    /// archive's URL without a name).
    pub name: Option<Box<str>>,
    /// The name under which the project uses it, where that is another one (npm `"a": "npm:b@1"`, cargo `package =`).
    pub alias: Option<Box<str>>,
    /// The version specifier as written, empty for none: `>=1,<2`, `^1.2`, `~> 2.0`.
    pub specifier: Box<str>,
    /// How far the requirement ties the choice down.
    pub constraint: Constraint,
    /// Extras or features, as written.
    pub extras: Vec<Box<str>>,
    /// The condition under which it applies, as written: a PEP 508 marker, a cargo `cfg(…)`; empty for always.
    pub marker: Box<str>,
    /// Hashes of which an artifact must have one; empty for no demand.
    pub hashes: Vec<Digest>,
    /// Why it is there.
    pub group: Group,
    /// The name of the extra, dependency group, environment or job; empty for the main list.
    pub group_name: Box<str>,
    /// The index or registry it is bound to, by name or URL, if the manifest binds it.
    pub index: Option<Location>,
    /// A working copy that the installation follows (`-e`, `editable = true`, `link:`).
    pub editable: bool,
    /// Who asked for it, where a tool's comment says so (`# via flask`); empty for unknown.
    pub via: Vec<Box<str>>,
    /// Where it is written.
    pub place: Place,
}

impl Requirement {
    /// A requirement of any version, in the main list.
    pub fn new(name: &str, place: Place) -> Self {
        Self {
            name: Some(name.into()),
            alias: None,
            specifier: "".into(),
            constraint: Constraint::Any,
            extras: Vec::new(),
            marker: "".into(),
            hashes: Vec::new(),
            group: Group::Main,
            group_name: "".into(),
            index: None,
            editable: false,
            via: Vec::new(),
            place,
        }
    }

    /// The name in the form in which the ecosystem compares names.
    pub fn key(&self, ecosystem: Ecosystem) -> Option<PackageName> {
        self.name
            .as_deref()
            .map(|name| PackageName::new(ecosystem, name))
    }
}

/// How far a requirement ties the choice down.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Constraint {
    /// Any version, or a moving label (`*`, nothing, `latest`).
    Any,
    /// A lower bound without an upper one: `>=1.2`, `>1`.
    AtLeast,
    /// Any other set of versions: `>=1,<2`, `^1.2`, `~=1.4`, `==1.*`, `!=1.3`.
    Range,
    /// Exactly this version.
    Pinned(Box<str>),
    /// An archive's URL.
    Url(Location),
    /// A version-control repository.
    Vcs {
        /// The repository, with the scheme as written (`git+https://…`), without revision and fragment.
        url: Location,
        /// The revision asked for, if any: a commit, tag or branch.
        rev: Option<Box<str>>,
        /// The folder of the package within it.
        subdirectory: Option<Box<str>>,
    },
    /// A file or folder, as written.
    Path(Box<str>),
    /// Another member of this workspace.
    Workspace,
}

impl Constraint {
    /// True if the same request gives the same bytes tomorrow, as far as a requirement alone can promise: one version,
    /// a commit, or a path in the project.
    pub fn is_exact(&self) -> bool {
        match self {
            Self::Pinned(_) | Self::Path(_) | Self::Workspace => true,
            Self::Vcs { rev, .. } => rev.as_deref().is_some_and(is_commit),
            Self::Any | Self::AtLeast | Self::Range | Self::Url(_) => false,
        }
    }

    /// True if it has no upper bound: whatever is published next is taken.
    pub const fn is_loose(&self) -> bool {
        matches!(self, Self::Any | Self::AtLeast)
    }
}

/// A full commit hash: SHA-1 or SHA-256 of Git.
fn is_commit(rev: &str) -> bool {
    matches!(rev.len(), 40 | 64) && rev.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Why a package is asked for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Needed to run.
    #[default]
    Main,
    /// Needed with an extra or feature, or left out where it does not install.
    Optional,
    /// Needed to develop or test.
    Dev,
    /// Needed to build.
    Build,
    /// Expected from the project that installs this one (npm `peerDependencies`).
    Peer,
    /// Not asked for, only limited, should something else ask (`-c`, `constraints`).
    Constraint,
    /// Replaces what others ask for (npm `overrides`, yarn `resolutions`, uv `override-dependencies`, go `replace`).
    Override,
}
