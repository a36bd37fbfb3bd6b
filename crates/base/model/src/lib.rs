//! The vocabulary of Foretaste as plain data.
//!
//! No crate below this one, no I/O in it. Every word that the product uses (release, artifact, fact,
//! capability, chain, finding, verdict, ...) is a type here, so that code, reports and documents agree.

pub mod anomaly;
pub mod capability;
pub mod change;
pub mod coverage;
pub mod digest;
pub mod ecosystem;
pub mod facts;
pub mod finding;
pub mod intel;
pub mod knowledge;
pub mod known;
pub mod limits;
pub mod manifest;
pub mod metadata;
pub mod name;
pub mod pattern;
pub mod report;
pub mod rule;
pub mod span;
pub mod stopwatch;
pub mod target;
pub mod usage;
pub mod verdict;
pub mod words;

pub use anomaly::{Anomaly, AnomalyKind};
pub use capability::{Capability, CapabilityGroup};
pub use coverage::Coverage;
pub use digest::{ContentDigest, Digest, DigestAlgorithm};
pub use ecosystem::Ecosystem;
pub use finding::{Confidence, Evidence, EvidenceRole, ExecutionContext, Finding, Severity};
pub use knowledge::{Knowledge, SkipKind, SkipReason};
pub use known::{KnownMatch, KnownMatchKind};
pub use limits::Limits;
pub use name::{PackageName, ReleaseId};
pub use pattern::PatternMatch;
pub use rule::{Input, RuleGroup, RuleId, RuleMeta, RuleOption};
pub use span::Span;
pub use stopwatch::Stopwatch;
pub use target::{Target, TargetError};
pub use usage::{Usage, UsageState};
pub use verdict::Verdict;
