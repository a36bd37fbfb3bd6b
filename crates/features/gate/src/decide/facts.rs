//! Everything that a decision depends on, besides the settings.

use foretaste_model::metadata::ProjectStatus;
use foretaste_model::{ReleaseId, Verdict};
use jiff::Timestamp;

use crate::advice::Advice;
use crate::candidate::Traits;

/// Everything that a decision depends on, besides the settings.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    /// Which release.
    pub(crate) release: &'a ReleaseId,
    /// Which file.
    pub(crate) filename: &'a str,
    /// True if it was published here.
    pub(crate) internal: bool,
    /// For whom, and under whose name.
    pub(crate) asked: Asked<'a>,
    /// When it was published, as the upstream says.
    pub(crate) published: Option<Timestamp>,
    /// What the upstream says about the package.
    pub(crate) status: ProjectStatus,
    /// What the index tells about the file.
    pub(crate) traits: &'a Traits,
    /// The licence, as the index tells it, else as the fetched file does.
    pub(crate) licence: Option<&'a str>,
    /// What advisories say about the package, if the policy asks.
    pub(crate) advice: Option<&'a Advice>,
    /// The verdict, if it was vetted: with its reasons.
    pub(crate) verdict: Option<(Verdict, &'a [String])>,
    /// What a person decided about this file.
    pub(crate) person: Person<'a>,
    /// The digest is not the one that the same file had before.
    pub(crate) changed: bool,
}

/// What a question is about, besides the file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Asked<'a> {
    /// True if the name is the organisation's own.
    pub(crate) owned: bool,
    /// The team of whoever asks; empty for none.
    pub(crate) team: &'a str,
}

/// What a person decided, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Person<'a> {
    /// Nothing.
    Nobody,
    /// These bytes may be served.
    Approved(&'a str),
    /// No file of the version may be.
    Denied(&'a str),
    /// An approval names other bytes than these.
    ApprovedOtherBytes,
}
