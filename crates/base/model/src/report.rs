//! The report: what every user interface, the gate and users' scripts read. Its JSON form is versioned.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::facts::ArtifactKind;
use crate::{Capability, Coverage, Digest, Ecosystem, Finding, SkipReason, Usage, Verdict};

/// The schema URI written into every report; the number rises when a field changes its meaning or goes away.
pub const SCHEMA: &str = "https://foretaste.example/schema/report/1.json";

/// The rule whose findings are advisories about vulnerabilities.
pub const KNOWN_VULNERABILITY: &str = "known-vulnerability";

/// The result of one audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: Box<str>,
    /// Who wrote it.
    pub tool: Tool,
    /// One entry for each target, in the order asked for.
    pub releases: Vec<ReleaseReport>,
    /// Verdict counts.
    pub summary: Summary,
    /// What changed in the projects since the revision that was asked about; empty if none was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub since: Vec<Since>,
    /// Waivers of the policy that are expired or covered nothing, and other remarks on the policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy_notes: Vec<Box<str>>,
}

/// The tool that wrote a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `foretaste`.
    pub name: Box<str>,
    /// Its version.
    pub version: Box<str>,
    /// A digest over the rule declarations and the policy: same inputs and same digest, same report.
    pub rules: Box<str>,
}

/// Verdict counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Releases with verdict `block`.
    pub block: u32,
    /// Releases with verdict `review`.
    pub review: u32,
    /// Releases with verdict `incomplete`.
    pub incomplete: u32,
    /// Releases with verdict `note`.
    pub note: u32,
    /// Releases with verdict `clear`.
    pub clear: u32,
}

impl Summary {
    /// Counts verdicts.
    pub fn of(releases: &[ReleaseReport]) -> Self {
        let mut summary = Self::default();
        for release in releases {
            *match release.verdict {
                Verdict::Block => &mut summary.block,
                Verdict::Review => &mut summary.review,
                Verdict::Incomplete => &mut summary.incomplete,
                Verdict::Note => &mut summary.note,
                Verdict::Clear => &mut summary.clear,
            } += 1;
        }
        summary
    }
}

/// The verdict on one release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReleaseReport {
    /// What the user asked for, as written.
    pub target: Box<str>,
    /// What the verdict is about.
    #[serde(default, skip_serializing_if = "Subject::is_release")]
    pub subject: Subject,
    /// The ecosystem, if known.
    pub ecosystem: Option<Ecosystem>,
    /// The name, as normalised, or the file's or folder's name.
    pub name: Box<str>,
    /// The version, if known.
    pub version: Option<Box<str>>,
    /// The package URL, if ecosystem and version are known.
    pub purl: Option<Box<str>>,
    /// The verdict.
    pub verdict: Verdict,
    /// Between 0 and 1: how much evidence of an attack there is.
    pub score: f64,
    /// Why the verdict is (also) incomplete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<Box<str>>,
    /// When it was published (RFC 3339), if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<jiff::Timestamp>,
    /// The earlier version with which it was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared_with: Option<Box<str>>,
    /// What changed since then, if that was asked for (`foretaste diff`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Box<Change>>,
    /// The artifacts that were tasted.
    pub artifacts: Vec<ArtifactReport>,
    /// The artifacts that were not tasted, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_tasted: Vec<NotTasted>,
    /// Findings, heaviest first.
    pub findings: Vec<Finding>,
    /// What the package can do, sorted.
    pub capabilities: Vec<Capability>,
    /// Which checks ran and which could not.
    pub checks: Checks,
    /// The one thing to do next, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Box<str>>,
    /// Why a project has it: a few shortest ways. Empty for a release that was named by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted_by: Vec<WantedBy>,
    /// How it got into the project since the revision that was asked about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved: Option<Moved>,
    /// The names under which its code is imported, sorted, where its own name does not suggest them: `yaml` of `pyyaml`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imported_as: Vec<Box<str>>,
    /// Whether the project's own code uses it; told of releases that an advisory covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// What a verdict is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// A release, an archive, or a folder with a package's files.
    #[default]
    Release,
    /// What a project's manifests and locks say. Paths of its evidence are relative to the project.
    Project,
}

impl Subject {
    /// True for a release.
    pub const fn is_release(&self) -> bool {
        matches!(self, Self::Release)
    }
}

/// What changed in a project's dependencies since a revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Since {
    /// The project, as the user named it.
    pub project: Box<str>,
    /// The revision, as the user named it.
    pub revision: Box<str>,
    /// The commit that was compared with: the last one that the working copy has in common with the revision.
    pub commit: Box<str>,
    /// Releases that the project did not have.
    pub added: u32,
    /// Releases in another version, or with other files, than before.
    pub changed: u32,
    /// Releases that are as they were, and were not looked at.
    pub unchanged: u32,
    /// `ecosystem:name@version` of what is gone, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<Box<str>>,
}

/// How a release got into a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// What happened.
    pub how: Move,
    /// The versions that the project had before, lowest first. Empty for an addition, and where none was fixed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Box<str>>,
}

/// What happened to a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Move {
    /// The project did not have the package.
    Added,
    /// A higher version than before.
    Upgraded,
    /// A lower version than before.
    Downgraded,
    /// The same version, and other files are allowed in.
    Rehashed,
    /// Another version, and nobody can say which is higher; or any version where one was fixed.
    Changed,
}

impl Move {
    /// The lower-case word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Upgraded => "upgraded",
            Self::Downgraded => "downgraded",
            Self::Rehashed => "rehashed",
            Self::Changed => "changed",
        }
    }
}

/// One way from a project to a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WantedBy {
    /// The project or file, then package by package down to the release.
    pub path: Vec<Box<str>>,
    /// The folder of the project, as the user named it; empty for the working directory.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub project: Box<str>,
    /// The manifest or lock, relative to the project.
    pub file: Box<str>,
    /// The line in it that asks for the first package, from 1; 0 for the file as a whole.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// True if the project asks for it itself.
    pub direct: bool,
    /// True if it is needed for development only.
    pub development: bool,
    /// True if the project asks for it in any version, or any from some version on, and no lock settles it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub loose: bool,
}

impl WantedBy {
    /// `requirements.txt:3:1`.
    pub fn place(&self) -> String {
        if self.line == 0 {
            self.file.to_string()
        } else {
            format!("{}:{}:{}", self.file, self.line, self.column)
        }
    }

    /// The file as the user's own tools find it from the working directory.
    pub fn reachable_file(&self) -> String {
        reachable(&self.project, &self.file)
    }
}

/// A file of a project from where the user stands.
pub fn reachable(project: &str, file: &str) -> String {
    let project = project.replace('\\', "/");
    let mut folder = project.trim_end_matches('/');
    while let Some(rest) = folder.strip_prefix("./") {
        folder = rest;
    }
    match folder {
        "" if project.starts_with('/') => format!("/{file}"),
        "" | "." => file.to_owned(),
        _ => format!("{folder}/{file}"),
    }
}

/// One tasted artifact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactReport {
    /// The file name.
    pub filename: Box<str>,
    /// What it is.
    pub kind: ArtifactKind,
    /// Bytes as downloaded.
    pub size: u64,
    /// SHA-256 of the bytes as downloaded; none for a folder.
    pub digest: Option<Digest>,
    /// Whether the index's digest matched.
    pub index_digest: IndexDigest,
    /// How much of it was looked at.
    pub coverage: Coverage,
}

/// Whether the digest that the index publishes matched the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum IndexDigest {
    /// It did.
    Match,
    /// It did not: what is served is not what was published.
    Mismatch,
    /// The index publishes none, or the artifact is local.
    Absent,
}

/// An artifact that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotTasted {
    /// The file name.
    pub filename: Box<str>,
    /// Why.
    pub reason: Box<str>,
}

/// Which checks ran and which could not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Checks {
    /// How many rules ran.
    pub ran: u32,
    /// Rules that could not run, with the reason, sorted by rule.
    pub skipped: Vec<SkippedCheck>,
}

/// A check that did not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedCheck {
    /// The rule's id.
    pub check: Box<str>,
    /// Why.
    pub reason: SkipReason,
}
