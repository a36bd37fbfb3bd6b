//! Facts about one artifact: its files' facts by path, and what the archive itself did.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::FileFacts;
use crate::{Anomaly, ContentDigest, Coverage, Digest};

/// One file of a release with everything that was seen in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArtifactFacts {
    /// The file name, e.g. `requests-2.32.0.tar.gz`, or the folder's name.
    pub filename: Box<str>,
    /// What it is.
    pub kind: ArtifactKind,
    /// Bytes as downloaded.
    pub size: u64,
    /// SHA-256 of the bytes as downloaded; none for a folder.
    pub digest: Option<Digest>,
    /// Its files, sorted by path.
    pub files: Vec<FileEntry>,
    /// What the archive did that an honest one does not.
    pub anomalies: Vec<Anomaly>,
    /// How much of it was looked at.
    pub coverage: Coverage,
}

impl ArtifactFacts {
    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&FileEntry> {
        self.files
            .binary_search_by(|f| (*f.path).cmp(path))
            .ok()
            .map(|i| &self.files[i])
    }
}

/// One file of an artifact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FileEntry {
    /// The path below the artifact's own top folder (`requests-2.32.0/`, `package/` are stripped);
    /// `outer.zip!/inner.py` for members of nested archives.
    pub path: Box<str>,
    /// SHA-256 of the content.
    pub digest: ContentDigest,
    /// Unix mode says executable.
    pub executable: bool,
    /// What was seen, shared between equal files.
    pub facts: Arc<FileFacts>,
}

/// What an artifact is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ArtifactKind {
    /// A Python source distribution.
    Sdist,
    /// A Python wheel.
    Wheel,
    /// A Python egg.
    Egg,
    /// An npm package tarball.
    NpmTarball,
    /// A `.crate` file.
    Crate,
    /// A Ruby gem: a tar archive of `data.tar.gz` and `metadata.gz`.
    Gem,
    /// A composer package as a zip archive.
    ComposerDist,
    /// A Go module as the module proxy serves it.
    GoModule,
    /// A NuGet package.
    Nupkg,
    /// A Java archive.
    Jar,
    /// An extension of Visual Studio Code.
    Vsix,
    /// A folder on disk.
    Folder,
    /// Any other archive.
    Archive,
}

impl ArtifactKind {
    /// The word for reports.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Sdist => "sdist",
            Self::Wheel => "wheel",
            Self::Egg => "egg",
            Self::NpmTarball => "npm tarball",
            Self::Crate => "crate",
            Self::Gem => "gem",
            Self::ComposerDist => "composer dist",
            Self::GoModule => "go module",
            Self::Nupkg => "nupkg",
            Self::Jar => "jar",
            Self::Vsix => "vsix",
            Self::Folder => "folder",
            Self::Archive => "archive",
        }
    }
}
