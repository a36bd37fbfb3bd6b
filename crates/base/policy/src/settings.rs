//! The policy's values.

use std::collections::BTreeMap;

use foretaste_model::{Severity, Verdict};

use crate::Waiver;

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
    /// Publishers whose releases need no young-publisher suspicion.
    pub trusted_publishers: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fail_on: Verdict::Block,
            thresholds: Thresholds::default(),
            rules: BTreeMap::new(),
            waivers: Vec::new(),
            internal_names: Vec::new(),
            trusted_publishers: Vec::new(),
        }
    }
}

/// Scores (0–1) at which verdicts begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    /// `block` from here on.
    pub block: f64,
    /// `review` from here on.
    pub review: f64,
    /// `note` from here on.
    pub note: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            block: 0.85,
            review: 0.45,
            note: 0.05,
        }
    }
}

/// What a policy says about one rule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSettings {
    /// Switches the rule off or on.
    pub enabled: Option<bool>,
    /// Replaces its severity.
    pub severity: Option<Severity>,
    /// Replaces its options' defaults.
    pub options: BTreeMap<String, f64>,
}
