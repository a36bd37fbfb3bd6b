//! What a project leaves open in its own files.

use foretaste_model::Span;
use serde::Deserialize;

/// Something that a project's manifests and locks leave to chance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Lapse {
    /// What kind.
    pub kind: LapseKind,
    /// The package, or the index.
    pub subject: Box<str>,
    /// The file, relative to the root of the project.
    pub file: Box<str>,
    /// Where in the file; line 0 for the file as a whole.
    #[serde(default)]
    pub span: Span,
}

/// What is left to chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LapseKind {
    /// Any version, or any from some version on, and no lock that settles it.
    Loose,
    /// Asked for, and not in the lock.
    Unlocked,
    /// An index that is asked beside the main one, for every name.
    ExtraIndex,
    /// Locked without a strong hash.
    Unhashed,
    /// Installed, and a file is not as it was installed.
    Altered,
    /// Lies among the installed packages, and none of them brought it.
    Stray,
    /// A policy of contained runs or watched jobs permits more than at an earlier commit.
    WidenedPolicy,
    /// Such a policy lets more be used: memory, time.
    RaisedBudget,
    /// Such a policy is none any more.
    BrokenPolicy,
}
