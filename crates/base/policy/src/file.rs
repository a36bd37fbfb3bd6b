//! The shape of `foretaste.toml`.

use std::path::{Path, PathBuf};

use foretaste_model::Verdict;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::sections::{NameSettings, RulesSection, WaiverEntry};
use crate::waiver::canonical_purl;
use crate::{
    AdvisorySettings, AuditSettings, CacheSettings, HistorySettings, IndexSettings, KnownSettings,
    LimitSettings, LockSettings, NetworkSettings, Places, Policy, PopularLists, SourceSettings,
    Thresholds, Waiver,
};

/// The policy of an organisation or a project: what is accepted, what is waived, and where packages come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(title = "foretaste.toml")]
pub(crate) struct PolicyFile {
    /// The verdict at or above which commands exit with 1.
    pub(crate) fail_on: Verdict,
    /// Publishers (account names, or `github:<owner>/<repository>` of a trusted publisher) whose releases need no
    /// suspicion of young publishers.
    #[schemars(extend("items" = {"type": "string", "format": "non-empty"}))]
    pub(crate) trusted_publishers: Vec<String>,
    /// Scores, from 0 to 1, at which verdicts begin.
    pub(crate) thresholds: Thresholds,
    /// The user's own rules, and settings of single rules: `[rules.<id>]`.
    pub(crate) rules: RulesSection,
    /// Names that others may imitate.
    pub(crate) names: NameSettings,
    /// Reasoned, expiring suppressions: `[[waivers]]`.
    pub(crate) waivers: Vec<WaiverEntry>,
    /// Where packages come from. What stands here wins over the clients' own configuration; flags win over this.
    pub(crate) indexes: IndexSettings,
    /// How the network is used.
    pub(crate) network: NetworkSettings,
    /// What hostile input may cost. A violated limit is a finding, and the verdict is `incomplete` or worse.
    pub(crate) limits: LimitSettings,
    /// What is tasted.
    pub(crate) audit: AuditSettings,
    /// The comparison of a release with the one before it.
    pub(crate) history: HistorySettings,
    /// What is locked, and what is accepted.
    pub(crate) lock: LockSettings,
    /// Services that are asked about a package. One that is switched off is reported as skipped.
    pub(crate) sources: SourceSettings,
    /// Where facts and answers are kept.
    pub(crate) cache: CacheSettings,
    /// The index of known-bad packages that `foretaste known` keeps, and further ones.
    pub(crate) known: KnownSettings,
    /// The advisories that `foretaste advisories import` keeps on this machine.
    pub(crate) advisories: AdvisorySettings,
}

impl Default for PolicyFile {
    fn default() -> Self {
        let policy = Policy::default();
        Self {
            fail_on: policy.fail_on,
            trusted_publishers: policy.trusted_publishers,
            thresholds: policy.thresholds,
            rules: RulesSection::default(),
            names: NameSettings::default(),
            waivers: Vec::new(),
            indexes: policy.indexes,
            network: policy.network,
            limits: policy.limits.into(),
            audit: policy.audit,
            history: policy.history,
            lock: policy.lock,
            sources: policy.sources,
            cache: policy.cache,
            known: policy.known,
            advisories: policy.advisories,
        }
    }
}

impl PolicyFile {
    /// The policy that this validated file states. Relative paths start at the file's folder.
    pub(crate) fn into_policy(self, folder: &Path, places: Places) -> Policy {
        let locate = |path: Option<PathBuf>| path.map(|p| folder.join(p));
        let locate_all = |paths: Vec<PathBuf>| paths.into_iter().map(|p| folder.join(p)).collect();
        let waivers = self.waivers.into_iter().map(|entry| Waiver {
            purl: canonical_purl(&entry.purl).unwrap_or(entry.purl),
            rule: entry.rule.trim().to_owned(),
            digest: entry.digest.map(|d| d.to_ascii_lowercase()),
            reason: entry.reason.trim().to_owned(),
            expires: Some(entry.expires.0),
        });
        Policy {
            fail_on: self.fail_on,
            thresholds: self.thresholds,
            rules: self.rules.settings,
            rule_files: locate_all(self.rules.files),
            yara_files: locate_all(self.rules.yara.files),
            known: KnownSettings {
                enabled: self.known.enabled,
                files: locate_all(self.known.files),
            },
            waivers: waivers.collect(),
            internal_names: self.names.internal,
            popular: PopularLists {
                pypi: locate(self.names.popular.pypi),
                npm: locate(self.names.popular.npm),
                cargo: locate(self.names.popular.cargo),
            },
            trusted_publishers: self.trusted_publishers,
            indexes: self.indexes,
            network: self.network,
            limits: self.limits.into(),
            audit: self.audit,
            history: self.history,
            lock: self.lock,
            sources: self.sources,
            cache: CacheSettings {
                dir: locate(self.cache.dir),
            },
            advisories: self.advisories,
            places,
        }
    }
}
