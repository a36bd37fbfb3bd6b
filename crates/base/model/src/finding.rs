//! Findings and their evidence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{RuleMeta, Span};

/// How bad a finding is if it is true.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Information.
    Info,
    /// A small risk.
    Low,
    /// A risk that a reviewer wants to know.
    Medium,
    /// Dangerous.
    High,
    /// An attack.
    Critical,
}

impl Severity {
    /// The lower-case word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure the rule is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint.
    Low,
    /// Likely.
    Medium,
    /// Nearly certain.
    High,
    /// A fact: an equal hash, a record in a database.
    Certain,
}

impl Confidence {
    /// The lower-case word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Certain => "certain",
        }
    }
}

/// When the code around a finding runs. Ordered from the most to the least dangerous.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum ExecutionContext {
    /// While the package is installed or built.
    Install,
    /// Whenever the interpreter starts (`.pth`, `sitecustomize`).
    Start,
    /// When the package is imported.
    Import,
    /// When an entry point (console script, `bin`) is run.
    Entry,
    /// When a function is called.
    Called,
    /// In tests, documentation, examples or type stubs.
    Test,
    /// In a vendored or minified asset.
    Asset,
}

impl ExecutionContext {
    /// The lower-case word.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Install => "install",
            Self::Start => "start",
            Self::Import => "import",
            Self::Entry => "entry",
            Self::Called => "called",
            Self::Test => "test",
            Self::Asset => "asset",
        }
    }

    /// True for code that runs by itself, sooner or later, once the package is installed or imported.
    pub const fn runs_by_itself(self) -> bool {
        matches!(self, Self::Install | Self::Start | Self::Import)
    }

    /// A phrase for a sentence: `runs ...`.
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Install => "while it is being installed",
            Self::Start => "whenever the interpreter starts",
            Self::Import => "when it is imported",
            Self::Entry => "when its command is run",
            Self::Called => "when it is called",
            Self::Test => "in tests or examples",
            Self::Asset => "in a bundled asset",
        }
    }
}

/// The part a piece of evidence plays in its finding.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceRole {
    /// Where a chain begins.
    Source,
    /// What it passes through.
    Transform,
    /// Where it ends.
    Sink,
    /// How the code gets to run.
    Trigger,
    /// The place itself, for findings that are no chain.
    Site,
}

/// One place that proves a finding.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Evidence {
    /// The artifact's file name, when the release has several.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub artifact: Box<str>,
    /// The path inside the artifact; `!` separates nested archives. Empty when the evidence is no file (metadata).
    pub path: Box<str>,
    /// Where in the file, if it is text.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// How the text was decoded, outermost step first; empty for text as it stands in the file.
    #[serde(default)]
    pub layer: Vec<Box<str>>,
    /// The line or a window of it, as it stands in the file: **hostile text, escape it when printing**.
    pub snippet: Box<str>,
    /// The 1-based column at which `snippet` begins in its line.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub snippet_column: u32,
    /// What this place does, in a few words.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub note: Box<str>,
    /// The part it plays.
    pub role: EvidenceRole,
}

const fn one() -> u32 {
    1
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_one(column: &u32) -> bool {
    *column == 1
}

const fn whole() -> f64 {
    1.0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_whole(share: &f64) -> bool {
    *share >= 1.0
}

impl Evidence {
    /// Evidence that stands in no file: a registry's record, a DNS answer.
    pub fn statement(note: impl Into<Box<str>>) -> Self {
        Self {
            artifact: "".into(),
            path: "".into(),
            span: None,
            layer: Vec::new(),
            snippet: "".into(),
            snippet_column: 1,
            note: note.into(),
            role: EvidenceRole::Site,
        }
    }

    /// Evidence that is a whole file.
    pub fn file(artifact: &str, path: &str, note: impl Into<Box<str>>) -> Self {
        Self {
            artifact: artifact.into(),
            path: path.into(),
            ..Self::statement(note)
        }
    }
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's id.
    pub rule: Box<str>,
    /// One sentence about *this* package: `sends the whole environment to a web server`.
    pub message: Box<str>,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// Severity × confidence × context × share, between 0 and 1.
    pub weight: f64,
    /// What the size of the package leaves of it, between 0 and 1: that one function of thousands *could* be called says
    /// little. 1 for what runs at install or at the top of a module, and in small packages.
    #[serde(default = "whole", skip_serializing_if = "is_whole")]
    pub share: f64,
    /// When the code runs, for findings in code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<ExecutionContext>,
    /// The places that prove it, in the order of the chain.
    pub evidence: Vec<Evidence>,
    /// What to do, if the rule knows better than its page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Box<str>>,
    /// Set when a waiver in the policy covers it; it then has no weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Box<str>>,
}

impl Finding {
    /// A finding with its rule's severity and confidence and no evidence yet. The engine sets the weight.
    pub fn new(rule: &RuleMeta, message: impl Into<Box<str>>) -> Self {
        Self {
            rule: rule.id.0.into(),
            message: message.into(),
            severity: rule.severity,
            confidence: rule.confidence,
            weight: 0.0,
            share: 1.0,
            context: None,
            evidence: Vec::new(),
            remedy: None,
            waived: None,
        }
    }

    /// Replaces the severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Replaces the confidence.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Says when the code runs.
    #[must_use]
    pub fn context(mut self, context: ExecutionContext) -> Self {
        self.context = Some(context);
        self
    }

    /// Adds a piece of evidence.
    #[must_use]
    pub fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<Box<str>>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}
