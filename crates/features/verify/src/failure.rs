//! What a verification gives.

use foretaste_model::Span;
use foretaste_project::Place;
use schemars::JsonSchema;
use serde::Serialize;

/// Where the schema of a verification stands; the number rises when a field changes its meaning or goes away.
pub(crate) const SCHEMA: &str = "https://foretaste.example/schema/verification/1.json";

/// The JSON schema of a verification.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Verification)
}

/// The result: it passed if there is no failure and nothing was skipped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verification {
    /// The schema.
    pub schema: Box<str>,
    /// What did not hold, by file and line.
    pub failures: Vec<Failure>,
    /// What could not be checked.
    pub skipped: Vec<Skipped>,
    /// What was checked, in numbers.
    pub checked: Checked,
    /// Remarks that are no failures.
    pub remarks: Vec<Box<str>>,
}

/// What was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Checked {
    /// Manifests and locks.
    pub files: u32,
    /// Locked packages of production.
    pub packages: u32,
    /// Digests that were found in an index.
    pub digests: u32,
    /// Artifacts that were fetched and compared.
    pub served: u32,
    /// Installed packages.
    pub installed: u32,
    /// Uses of actions in workflows.
    pub actions: u32,
}

/// The checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// A file of the project cannot be read in full.
    Unreadable,
    /// A requirement is not tied to one version.
    Unpinned,
    /// A manifest asks for packages and no lock settles them.
    NoLock,
    /// The lock does not hold what the manifest asks for.
    NotLocked,
    /// Nothing says which bytes are meant.
    Unhashed,
    /// The index knows no file with this digest.
    UnknownDigest,
    /// What is served has another digest than the index or the lock says.
    ServedDiffers,
    /// A package that the lock names is not in its registry.
    NotInRegistry,
    /// An index that is asked beside the main one, for every name.
    ExtraIndex,
    /// It comes from somewhere that nobody approved.
    UnapprovedSource,
    /// It is locked and not installed.
    NotInstalled,
    /// It is installed and not locked.
    InstalledExtra,
    /// Another version is installed than is locked.
    OtherVersion,
    /// An installed file is not as it was installed.
    FileChanged,
    /// A file lies among the installed packages, and none of them brought it.
    StrayFile,
    /// Nothing records what was installed.
    NotRecorded,
    /// A workflow uses an action by a name that can be moved.
    UnpinnedAction,
}

impl Check {
    /// The name in reports.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unpinned => "unpinned",
            Self::NoLock => "no-lock",
            Self::NotLocked => "not-locked",
            Self::Unhashed => "unhashed",
            Self::UnknownDigest => "unknown-digest",
            Self::ServedDiffers => "served-differs",
            Self::NotInRegistry => "not-in-registry",
            Self::ExtraIndex => "extra-index",
            Self::UnapprovedSource => "unapproved-source",
            Self::NotInstalled => "not-installed",
            Self::InstalledExtra => "installed-extra",
            Self::OtherVersion => "other-version",
            Self::FileChanged => "file-changed",
            Self::StrayFile => "stray-file",
            Self::NotRecorded => "not-recorded",
            Self::UnpinnedAction => "unpinned-action",
        }
    }
}

/// Something that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Failure {
    /// The file, relative to the project; or the path in the environment.
    pub file: Box<str>,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u32,
    /// The column, from 1; 0 for the file as a whole.
    pub column: u32,
    /// Which check.
    pub check: Check,
    /// The package, index, file or action.
    pub subject: Box<str>,
    /// One sentence without a full stop. Hostile text: escape it.
    pub message: Box<str>,
    /// What to do.
    pub remedy: Box<str>,
}

impl Failure {
    /// A failure at a place.
    pub(crate) fn at(
        check: Check,
        place: &Place,
        subject: &str,
        message: String,
        remedy: &str,
    ) -> Self {
        Self::in_file(check, &place.path, place.span, subject, message, remedy)
    }

    /// A failure in a file.
    pub(crate) fn in_file(
        check: Check,
        file: &str,
        span: Span,
        subject: &str,
        message: String,
        remedy: &str,
    ) -> Self {
        Self {
            file: file.into(),
            line: span.line,
            column: if span.line == 0 { 0 } else { span.column },
            check,
            subject: subject.into(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// `requirements.txt:3:1`.
    pub fn place(&self) -> String {
        if self.line == 0 {
            self.file.to_string()
        } else {
            format!("{}:{}:{}", self.file, self.line, self.column)
        }
    }
}

/// Something that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Skipped {
    /// What.
    pub what: Box<str>,
    /// Why.
    pub why: Box<str>,
}
