//! What is known about a rule without running it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Confidence, Severity};

/// The kebab-case id of a rule. Ids are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct RuleId(pub &'static str);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// What a rule says about the world when it fires.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RuleGroup {
    /// Known bad: a record, a hash, a broken promise of integrity. Decides alone.
    Known,
    /// A relative of a known-bad package.
    Clone,
    /// An ordered chain of capabilities with a purpose.
    Chain,
    /// Code that hides what it does.
    Obfuscation,
    /// Code that runs without being imported.
    Install,
    /// What the archive itself does.
    Archive,
    /// The name imitates another package.
    Name,
    /// What it can do that the release before it could not.
    Change,
    /// Publisher, provenance and release history.
    Publisher,
    /// Source repository against artifact.
    Source,
    /// Maintenance and hygiene: a risk, never an accusation.
    Hygiene,
    /// What it did when it ran, contained.
    Behaviour,
    /// The user's own rules.
    User,
}

impl RuleGroup {
    /// Every group, in reference order.
    pub const ALL: [Self; 13] = [
        Self::Known,
        Self::Clone,
        Self::Chain,
        Self::Obfuscation,
        Self::Install,
        Self::Archive,
        Self::Name,
        Self::Change,
        Self::Publisher,
        Self::Source,
        Self::Hygiene,
        Self::Behaviour,
        Self::User,
    ];

    /// The kebab-case word, which is also the folder of the group's rules.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Clone => "clone",
            Self::Chain => "chain",
            Self::Obfuscation => "obfuscation",
            Self::Install => "install",
            Self::Archive => "archive",
            Self::Name => "name",
            Self::Change => "change",
            Self::Publisher => "publisher",
            Self::Source => "source",
            Self::Hygiene => "hygiene",
            Self::Behaviour => "behaviour",
            Self::User => "user",
        }
    }
}

/// An input that a rule needs. If it is missing, the rule is reported as skipped with the input's reason.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// The artifacts' facts.
    Code,
    /// The registry's record of this release.
    Metadata,
    /// Upload times of this and other releases.
    ReleaseTimes,
    /// Who published which release, and with what provenance.
    Publishers,
    /// Download counts.
    Downloads,
    /// The source repository's record at its host.
    Repository,
    /// The comparison of the artifact with the repository at the release's tag.
    SourceComparison,
    /// DNS and registration data of e-mail domains and home pages.
    Domains,
    /// Advisories (OSV).
    Advisories,
    /// Registry records of the dependencies.
    Dependencies,
    /// The comparison with the release before this one.
    Change,
    /// The index of known-bad packages.
    KnownPackages,
}

impl Input {
    /// The kebab-case word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Metadata => "metadata",
            Self::ReleaseTimes => "release-times",
            Self::Publishers => "publishers",
            Self::Downloads => "downloads",
            Self::Repository => "repository",
            Self::SourceComparison => "source-comparison",
            Self::Domains => "domains",
            Self::Advisories => "advisories",
            Self::Dependencies => "dependencies",
            Self::Change => "change",
            Self::KnownPackages => "known-packages",
        }
    }
}

/// A number or list that a policy can set for a rule: `[rules.<id>] <name> = ...`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RuleOption {
    /// The key in the policy file.
    pub name: &'static str,
    /// The value without a policy.
    pub default: f64,
    /// The unit, e.g. `days`.
    pub unit: &'static str,
    /// One sentence of help.
    pub help: &'static str,
}

/// The declaration of a rule: everything but its logic and its page.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RuleMeta {
    /// The stable id.
    pub id: RuleId,
    /// A short title, in the form of what was found: `sends secrets over the network`.
    pub title: &'static str,
    /// What it says about the world.
    pub group: RuleGroup,
    /// How bad it is when true.
    pub severity: Severity,
    /// How often it is true when it fires, before context changes it.
    pub confidence: Confidence,
    /// The inputs without which it cannot run.
    pub needs: &'static [Input],
    /// Framework ids: ATT&CK techniques (`T1041`), SAP attack vectors (`AV-001`).
    pub tags: &'static [&'static str],
    /// Settings.
    pub options: &'static [RuleOption],
    /// The version of Foretaste that first had it.
    pub since: &'static str,
}
