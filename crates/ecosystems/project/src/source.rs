//! Where a project says that packages come from.

use serde::{Deserialize, Serialize};

use crate::{Location, Place};

/// An index, registry or folder that a file of the project names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredSource {
    /// What it is to the installer.
    pub kind: SourceKind,
    /// The name it is given there (uv and poetry indexes, cargo registries), or the npm scope it is for.
    pub name: Option<Box<str>>,
    /// Where it is. Empty for [`SourceKind::NoIndex`].
    pub location: Location,
    /// Asked only for the packages that are bound to it by name, so that it cannot offer any other.
    pub explicit: bool,
    /// Where it is declared.
    pub place: Place,
}

/// What a source is to the installer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Takes the place of the client's own default (`--index-url`, uv `default = true`).
    Index,
    /// Asked beside the main one, for every name: the door of dependency confusion (`--extra-index-url`).
    ExtraIndex,
    /// A page or folder of files (`--find-links`).
    FindLinks,
    /// The default index is switched off (`--no-index`).
    NoIndex,
    /// A registry for the packages that name it: an npm scope's, a cargo registry, a composer repository, a gem source
    /// block.
    Registry,
    /// A host whose certificate is not checked (`--trusted-host`).
    TrustedHost,
    /// A conda channel.
    Channel,
}
