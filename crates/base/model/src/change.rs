//! What a release can do that an earlier one could not.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::{ArtifactKind, SurfaceKind};
use crate::manifest::{DependencyKind, DependencySource};
use crate::{Capability, Ecosystem, Evidence, ExecutionContext, Verdict};

/// The difference between two releases of one package, in what they can do. Every list is sorted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// The earlier version, or the name of the archive or folder that was compared.
    pub from: Box<str>,
    /// The artifacts that were compared.
    pub compared: Vec<ComparedArtifact>,
    /// Files that were added, removed, moved or changed.
    pub files: Vec<FileChange>,
    /// Ways to run without being imported that the earlier release did not have.
    pub surfaces: Vec<SurfaceChange>,
    /// Commands, modules and plug-ins that start elsewhere now.
    pub entry_points: Vec<SurfaceChange>,
    /// What code can do now and could not before, in a context at least as dangerous.
    pub capabilities: Vec<CapabilityGain>,
    /// Chains that no file of the earlier release had.
    pub chains: Vec<ChainGain>,
    /// Code that cannot be read any more, or never could and is new.
    pub concealed: Vec<ConcealedFile>,
    /// Native programs and libraries that are new.
    pub binaries: Vec<Evidence>,
    /// Dependencies that came, went, or come from elsewhere now.
    pub dependencies: Vec<DependencyChange>,
    /// E-mail addresses that the manifest names now, when none of the earlier ones is left.
    pub new_emails: Vec<Box<str>>,
    /// The e-mail addresses that they took the place of.
    pub old_emails: Vec<Box<str>>,
}

impl Change {
    /// True if nothing differs but the version.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.dependencies.is_empty() && self.new_emails.is_empty()
    }

    /// How many files changed in a way.
    pub fn count(&self, what: FileChangeKind) -> usize {
        self.files.iter().filter(|f| f.kind == what).count()
    }

    /// Unpacked bytes of the earlier and the later artifacts.
    pub fn bytes(&self) -> (u64, u64) {
        self.compared
            .iter()
            .fold((0, 0), |(a, b), c| (a + c.old_bytes, b + c.new_bytes))
    }
}

/// Two artifacts of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedArtifact {
    /// The earlier one's file name.
    pub old: Box<str>,
    /// The later one's file name.
    pub new: Box<str>,
    /// What both are.
    pub kind: ArtifactKind,
    /// Unpacked bytes of the earlier one.
    pub old_bytes: u64,
    /// Unpacked bytes of the later one.
    pub new_bytes: u64,
}

/// One file that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct FileChange {
    /// The artifact in which it is, or was.
    pub artifact: Box<str>,
    /// Its path: hostile text.
    pub path: Box<str>,
    /// What happened to it.
    pub kind: FileChangeKind,
    /// Its bytes before; 0 if it is new.
    pub old_bytes: u64,
    /// Its bytes now; 0 if it is gone.
    pub new_bytes: u64,
}

/// What happened to a file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum FileChangeKind {
    /// New, with content that no earlier file had.
    Added,
    /// Other content at the same path.
    Changed,
    /// The content of an earlier file at another path.
    Moved,
    /// Gone.
    Removed,
}

/// An install surface or entry point that is new or runs something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SurfaceChange {
    /// The mechanism.
    pub kind: SurfaceKind,
    /// Its own name: `postinstall`, `console_scripts:foo`.
    pub name: Box<str>,
    /// What it runs now.
    pub command: Box<str>,
    /// What it ran before; none if it is new.
    pub before: Option<Box<str>>,
    /// Where it is declared.
    pub evidence: Evidence,
    /// Dangerous things that the code it starts can do, and could not before.
    pub can: Vec<Capability>,
}

/// A capability in a context in which the earlier release did not have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapabilityGain {
    /// The capability.
    pub capability: Capability,
    /// The most dangerous context in which code has it now.
    pub context: ExecutionContext,
    /// The most dangerous context in which code had it before; none if no code had it.
    pub before: Option<ExecutionContext>,
    /// True if no capability of its group was there before in a context as dangerous.
    pub group_is_new: bool,
    /// True if the file in which it stands is new.
    pub file_is_new: bool,
    /// Where it stands.
    pub evidence: Evidence,
}

/// A chain that the earlier release did not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChainGain {
    /// What it does.
    pub purpose: ChainPurpose,
    /// True if no earlier chain in a context as dangerous had this purpose.
    pub purpose_is_new: bool,
    /// When its last step runs.
    pub context: ExecutionContext,
    /// True if a value or resource was followed from step to step.
    pub linked: bool,
    /// Its steps.
    pub evidence: Vec<Evidence>,
}

/// What a chain is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ChainPurpose {
    /// Secrets leave over the network.
    SecretsOut,
    /// Facts about machine or user leave over the network.
    HostOut,
    /// Something from the network is executed.
    FetchAndRun,
    /// Something decoded is executed.
    DecodeAndRun,
    /// Mails are copied to an address that stands in the code.
    MailsCopied,
    /// Payments go to an address that stands in the code.
    MoneyMoved,
}

impl ChainPurpose {
    /// A phrase for messages.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::SecretsOut => "sends secrets over the network",
            Self::HostOut => "reports the machine over the network",
            Self::FetchAndRun => "runs what it fetches",
            Self::DecodeAndRun => "runs what it decodes",
            Self::MailsCopied => "copies mails to somebody unseen",
            Self::MoneyMoved => "pays to an address in its own code",
        }
    }
}

/// Code that its reader cannot read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConcealedFile {
    /// How it hides.
    pub how: Concealment,
    /// When its code runs.
    pub context: ExecutionContext,
    /// True if the file is new; false if it was readable before.
    pub file_is_new: bool,
    /// True if other files of the earlier release hid in the same way.
    pub is_usual: bool,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its path and a place in it.
    pub evidence: Evidence,
}

/// Ways to be unreadable.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Concealment {
    /// Data in invisible characters.
    InvisibleText,
    /// Names made unreadable by a tool.
    MangledNames,
    /// A long text that only a decoder reads.
    LongOpaqueText,
    /// Code pushed out of view by blanks.
    OutOfView,
    /// Content that no parser accepts.
    Unreadable,
    /// Squeezed onto few lines for delivery.
    Minified,
}

impl Concealment {
    /// A phrase for messages.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::InvisibleText => "data in invisible characters",
            Self::MangledNames => "names made unreadable",
            Self::LongOpaqueText => "a long text that only a decoder reads",
            Self::OutOfView => "code pushed out of view",
            Self::Unreadable => "code that no parser accepts",
            Self::Minified => "minified code",
        }
    }
}

/// A dependency that came, went, or comes from elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DependencyChange {
    /// The ecosystem in which it is looked up.
    pub ecosystem: Ecosystem,
    /// Its name.
    pub name: Box<str>,
    /// The version requirement now; that of before, if it is gone.
    pub requirement: Box<str>,
    /// What happened.
    pub what: DependencyChangeKind,
    /// Why it is there.
    pub kind: DependencyKind,
    /// Where it comes from.
    pub source: DependencySource,
    /// Whether code of the package imports it; none if that cannot be told.
    pub used: Option<bool>,
    /// Where it is declared.
    pub evidence: Evidence,
    /// What is known about it.
    #[serde(default)]
    pub look: DependencyLook,
}

/// What happened to a dependency.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum DependencyChangeKind {
    /// It is new.
    Added,
    /// It comes from elsewhere than before.
    Moved,
    /// It is gone.
    Removed,
}

/// What is known about a new dependency, as far as somebody looked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DependencyLook {
    /// Popular or internal names that its name may imitate, most alike first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub imitates: Vec<Box<str>>,
    /// Its rank among popular packages, 1 is the most popular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// When its first release was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_published: Option<Timestamp>,
    /// The version that was tasted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tasted: Option<Box<str>>,
    /// The verdict on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// The sentence that explains that verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Box<str>>,
    /// True if it runs code when it is installed.
    #[serde(default)]
    pub runs_at_install: bool,
    /// Why nobody looked closer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_looked: Option<Box<str>>,
}
