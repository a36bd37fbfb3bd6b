//! What an index holds, as plain data.

use foretaste_model::{ContentDigest, Ecosystem};
use serde::{Deserialize, Serialize};

use crate::hex_digest;

/// An artifact that was found to be bad.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownArtifact {
    /// How findings call it: `acme-evil 1.0`, or a file name.
    pub name: String,
    /// The campaign it belongs to; the name if nobody named one.
    pub family: String,
    /// Where the knowledge comes from: a path, a feed's file name.
    pub source: String,
    /// SHA-256 of the artifact.
    #[serde(with = "hex_digest::optional", default)]
    pub digest: Option<ContentDigest>,
}

/// A file of a known-bad artifact, or a layer decoded from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownFile {
    /// The artifact, by position.
    pub artifact: u32,
    /// The path inside it.
    pub path: String,
    /// SHA-256 of the content; none for a decoded layer.
    #[serde(with = "hex_digest::optional", default)]
    pub digest: Option<ContentDigest>,
    /// True if the file itself was found to be bad, not only its package.
    pub culprit: bool,
    /// What its code looks like.
    pub code: Option<KnownCode>,
}

/// What the code of a known-bad file looks like: see [`foretaste_model::facts::Sketch`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownCode {
    /// The hash of all tokens.
    pub shape: u64,
    /// How many tokens.
    pub tokens: u32,
    /// Its chunks: hash and tokens.
    pub chunks: Vec<(u64, u16)>,
}

/// A release that a feed names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct KnownRelease {
    /// The ecosystem; none if the feed does not say, and then any fits.
    pub ecosystem: Option<Ecosystem>,
    /// The package's name as the feed writes it.
    pub name: String,
    /// Which versions.
    pub versions: Versions,
    /// The record's id, e.g. `MAL-2025-1`, or the feed's name.
    pub id: String,
    /// One line about it.
    pub summary: String,
    /// Where the knowledge comes from.
    pub source: String,
}

/// The versions that a record covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Versions {
    /// Every version.
    All,
    /// These, as written.
    These(Vec<String>),
}

impl Versions {
    /// True if a version is covered.
    pub fn cover(&self, version: &str) -> bool {
        match self {
            Self::All => true,
            Self::These(these) => these.iter().any(|v| v == version),
        }
    }
}

/// Something that belongs to an attack: a host, an address, a file.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Indicator {
    /// What it is.
    pub kind: IndicatorKind,
    /// The value, normalised: see [`crate::normal`].
    pub value: String,
    /// What the feed says about it, in a few words.
    pub note: String,
    /// True if the feed says that it belongs to malware, not only that it was seen with it.
    pub malware: bool,
    /// Where the knowledge comes from.
    pub source: String,
}

/// Kinds of indicators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IndicatorKind {
    /// A host name.
    Domain,
    /// A URL.
    Url,
    /// An IP address.
    Ip,
    /// SHA-256 of a file or an artifact.
    Sha256,
}

impl IndicatorKind {
    /// The lower-case word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Domain => "domain",
            Self::Url => "url",
            Self::Ip => "ip",
            Self::Sha256 => "sha256",
        }
    }
}
