//! The policy's values.

use std::collections::BTreeMap;
use std::path::PathBuf;

use foretaste_model::{Limits, Severity, Verdict};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AdvisorySettings, AuditSettings, CacheSettings, HistorySettings, IndexSettings, KnownSettings,
    LockSettings, NetworkSettings, Places, PopularLists, SourceSettings, Waiver,
};

/// A policy with every default filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The verdict at or above which commands exit with 1.
    pub fail_on: Verdict,
    /// Scores at which verdicts begin.
    pub thresholds: Thresholds,
    /// Settings per rule id.
    pub rules: BTreeMap<String, RuleSettings>,
    /// Suppressions with a reason and an expiry.
    pub waivers: Vec<Waiver>,
    /// The organisation's own package names; `*` is a wildcard.
    pub internal_names: Vec<String>,
    /// Files with the user's own lists of popular names, in place of the built-in ones.
    pub popular: PopularLists,
    /// Publishers whose releases need no young-publisher suspicion.
    pub trusted_publishers: Vec<String>,
    /// Where packages come from, before any client's own configuration is asked.
    pub indexes: IndexSettings,
    /// How the network is used.
    pub network: NetworkSettings,
    /// What hostile input may cost.
    pub limits: Limits,
    /// What is tasted.
    pub audit: AuditSettings,
    /// The comparison of a release with the one before it.
    pub history: HistorySettings,
    /// What is locked, and what is accepted.
    pub lock: LockSettings,
    /// Services that are asked about a package.
    pub sources: SourceSettings,
    /// Where facts and answers are kept.
    pub cache: CacheSettings,
    /// Comparison with known-bad packages.
    pub known: KnownSettings,
    /// Advisories on this machine.
    pub advisories: AdvisorySettings,
    /// Files with the user's own rules over facts.
    pub rule_files: Vec<PathBuf>,
    /// Files and folders with the user's own YARA rules.
    pub yara_files: Vec<PathBuf>,
    /// Where each key stood in the file; empty without a file.
    pub places: Places,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fail_on: Verdict::Block,
            thresholds: Thresholds::default(),
            rules: BTreeMap::new(),
            waivers: Vec::new(),
            internal_names: Vec::new(),
            popular: PopularLists::default(),
            trusted_publishers: Vec::new(),
            indexes: IndexSettings::default(),
            network: NetworkSettings::default(),
            limits: Limits::default(),
            audit: AuditSettings::default(),
            history: HistorySettings::default(),
            lock: LockSettings::default(),
            sources: SourceSettings::default(),
            cache: CacheSettings::default(),
            known: KnownSettings::default(),
            advisories: AdvisorySettings::default(),
            rule_files: Vec::new(),
            yara_files: Vec::new(),
            places: Places::default(),
        }
    }
}

/// Scores (0–1) at which verdicts begin.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Thresholds {
    /// The score from which a release is blocked.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub block: f64,
    /// The score from which a person should look at a release.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub review: f64,
    /// The score from which a release gets a note.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub note: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            block: 0.80,
            review: 0.37,
            note: 0.05,
        }
    }
}

/// What a policy says about one rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case")]
pub struct RuleSettings {
    /// Switches the rule off or on.
    pub enabled: Option<bool>,
    /// Replaces the rule's severity.
    pub severity: Option<Severity>,
    /// An option of the rule; `foretaste explain <rule>` lists them with their units and defaults.
    #[serde(flatten)]
    pub options: BTreeMap<String, f64>,
}
