//! The result as plain data. Its JSON form is versioned; all but `timing` is equal for equal inputs.

use std::collections::BTreeMap;

use foretaste_model::Verdict;
use serde::{Deserialize, Serialize};

use crate::{Best, Comparison, Peer};

/// The format of [`Report`]; the number rises when a field changes its meaning or goes away.
pub const SCHEMA: &str = "foretaste-eval/1";

/// The result of one evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The figures: what may be published without naming a sample.
    pub figures: Figures,
    /// Every package, malicious ones first, then by name.
    pub packages: Vec<Package>,
    /// What changed since an older evaluation, if one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Foretaste and its peers on the same files, if a peer was given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<Peer>,
    /// What it cost. The only part that differs between two runs.
    pub timing: Timing,
}

/// The figures of an evaluation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Foretaste's version.
    pub version: String,
    /// A digest over the rules' declarations.
    pub rules_digest: String,
    /// What was measured.
    pub selection: Selection,
    /// The malicious side, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malicious: Option<Malicious>,
    /// The benign side, by kind.
    pub benign: BTreeMap<String, Kind>,
    /// Every rule that fired, those that accuse most families first.
    pub rules: Vec<RuleHits>,
    /// Recall over false positives.
    pub roc: Roc,
}

/// What was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selection {
    /// One member of each family only.
    pub one_per_family: bool,
    /// `train` or `validate`, if only one half of the families was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
    /// At most this many of each side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<usize>,
    /// What decided who was drawn.
    pub seed: u64,
    /// Samples left out because the run was stopped.
    pub left_out: usize,
}

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// A share with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Share {
    /// How many, in full counts; an expectation over families need not be whole.
    pub hits: f64,
    /// Of how many.
    pub of: usize,
    /// Their ratio.
    pub share: f64,
    /// Where the true share lies with 95 % confidence.
    pub interval: Interval,
}

/// Recall by verdict.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recall {
    /// The expected share of families of which a random member gets the verdict.
    pub families: Share,
    /// The share of artifacts that get it.
    pub artifacts: Share,
}

/// The malicious side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Malicious {
    /// Recall at `review` or worse.
    pub review: Recall,
    /// Recall at `block`.
    pub block: Recall,
    /// Artifacts by verdict.
    pub verdicts: BTreeMap<Verdict, usize>,
    /// Artifacts by kind, with their own recall at review and block.
    pub kinds: BTreeMap<String, Kind>,
    /// Artifacts that could not be vetted in full.
    pub incomplete: usize,
    /// Artifacts of which nothing could be looked at.
    pub failed: usize,
}

/// Packages of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kind {
    /// How many got `review` or worse.
    pub review: Share,
    /// How many got `block`.
    pub block: Share,
    /// How many could not be vetted in full.
    pub incomplete: usize,
    /// Of how many nothing could be looked at.
    pub failed: usize,
}

/// Where one rule fired.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleHits {
    /// The rule.
    pub rule: String,
    /// Malicious families with a hit.
    pub families: usize,
    /// Malicious artifacts with a hit.
    pub artifacts: usize,
    /// Malicious families of which some member would no longer reach `review` without it.
    pub needed: usize,
    /// Malicious families with a hit that alone reaches `review`.
    pub alone: usize,
    /// Benign packages with a hit, by kind.
    pub benign: BTreeMap<String, usize>,
    /// Benign packages with a hit that alone reaches `review`.
    pub benign_alone: usize,
    /// Benign packages that would no longer reach `review` without it.
    pub benign_needed: usize,
}

/// Family recall over false positives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Roc {
    /// The area below the curve; 0 if a side is missing.
    pub area: f64,
    /// The curve, from the highest threshold down.
    pub points: Vec<RocPoint>,
}

/// One point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Everything from this score on counts as accused.
    pub threshold: f64,
    /// The share of families, each member counting as 1 / members.
    pub recall: f64,
    /// The share of benign packages.
    pub false_positives: f64,
}

/// One package.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Package {
    /// As listed, or below its folder: **hostile text**.
    pub name: String,
    /// Whether it is known to be malicious.
    pub malicious: bool,
    /// Its family, if it is malicious.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub family: String,
    /// Its kind.
    pub kind: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The score.
    pub score: f64,
    /// The heaviest finding of each rule: its weight.
    pub rules: BTreeMap<String, f64>,
    /// The heaviest finding that accuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best: Option<Best>,
    /// Why it could not be vetted in full.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incomplete: Vec<String>,
    /// True if nothing of it could be looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
}

/// What it cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Timing {
    /// Threads.
    pub jobs: usize,
    /// Wall-clock seconds.
    pub wall_s: f64,
    /// Processor seconds of all threads.
    pub cpu_s: f64,
    /// Packages per second.
    pub packages_per_s: f64,
    /// Packed megabytes per second.
    pub packed_mb_per_s: f64,
    /// Unpacked megabytes per second.
    pub unpacked_mb_per_s: f64,
    /// The most memory that the process held, in bytes, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_memory: Option<u64>,
    /// By side and kind (`malicious sdist`).
    pub kinds: BTreeMap<String, SideCost>,
    /// The packages that took longest.
    pub slowest: Vec<Slow>,
}

/// What packages of one side and kind cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideCost {
    /// How many.
    pub packages: usize,
    /// Their packed bytes.
    pub packed: u64,
    /// Their unpacked bytes.
    pub unpacked: u64,
    /// Processor seconds: with one thread all of them, with more those of the scans' own threads (JavaScript is parsed
    /// on another).
    pub cpu_s: f64,
    /// The most memory that the process held during one scan, in bytes: median over the packages. Only with one thread,
    /// where a scan is alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_median: Option<u64>,
    /// The same, of the package that needed most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_max: Option<u64>,
    /// Wall-clock milliseconds of a scan: median.
    pub wall_ms_median: f64,
    /// 95 % took less.
    pub wall_ms_p95: f64,
    /// The longest.
    pub wall_ms_max: f64,
}

/// A package that took long.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slow {
    /// Its name: **hostile text**.
    pub name: String,
    /// Wall-clock milliseconds.
    pub wall_ms: f64,
    /// Processor milliseconds of its thread.
    pub cpu_ms: f64,
    /// Unpacked bytes.
    pub unpacked: u64,
}
