//! What a release shares with known-bad packages.

use crate::Span;

/// One thing that a release has in common with what the index of known-bad packages holds.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownMatch {
    /// How it matches.
    pub kind: KnownMatchKind,
    /// The relative: a package, a file name, or a feed's record.
    pub relative: Box<str>,
    /// The campaign it belongs to; empty if there is none.
    pub family: Box<str>,
    /// Where the knowledge comes from.
    pub source: Box<str>,
    /// The file of the relative; empty if the match is about none.
    pub relative_path: Box<str>,
    /// The artifact of this release.
    pub artifact: Box<str>,
    /// The file in it; empty if the match is about the artifact.
    pub path: Box<str>,
    /// The decode steps of the layer, outermost first.
    pub layer: Vec<Box<str>>,
    /// The places of what is shared, the first ones.
    pub places: Vec<Span>,
    /// Tokens of code that are shared.
    pub tokens: u32,
    /// The shared part of the relative's file, 0–1.
    pub share: f32,
    /// True if what is shared was itself found to be bad, not only its package.
    pub culprit: bool,
}

/// How a release matches something known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownMatchKind {
    /// The artifact has the digest of a known-bad one.
    Artifact,
    /// A file has the digest of a known-bad one.
    File,
    /// A file's code is the same but for names, strings and numbers.
    Shape,
    /// A file shares pieces of code.
    Code,
    /// A string constant is an indicator.
    Indicator {
        /// The indicator's value.
        value: Box<str>,
        /// What the feed says about it.
        note: Box<str>,
        /// True if the feed says that it belongs to malware.
        malware: bool,
    },
}
