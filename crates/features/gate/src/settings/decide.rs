//! What is let through: `[decide]`, and what differs for some packages or teams: `[[override]]`.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is let through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct DecideSettings {
    /// Releases with this verdict or a worse one are refused.
    pub refuse_from: Threshold,
    /// Releases with this verdict or a worse one are held until somebody approves them.
    pub hold_from: Threshold,
    /// What happens to releases of which a part could not be vetted.
    pub incomplete: Incomplete,
    /// Releases younger than so many hours are not served; 0 for no such rule.
    #[schemars(range(max = 8760))]
    pub minimum_age_hours: u32,
    /// Serves a release that fixes an advisory on this machine, however young it is.
    pub exempt_fixes: bool,
    /// Releases that an advisory on this machine covers are refused from this severity on.
    pub refuse_advisories_from: AdvisoryLevel,
    /// What happens to releases that run code when they are installed: npm's install scripts, Python sources that must be
    /// built.
    pub install_scripts: Otherwise,
    /// What happens to releases whose index names no provenance (PEP 740, npm attestations).
    pub without_provenance: Otherwise,
    /// Releases under one of these licences (SPDX identifiers) are refused, as far as their index or
    /// the file itself tells the licence.
    pub deny_licences: Vec<String>,
    /// Serves everything, and only writes down what would have been refused.
    pub dry_run: bool,
    /// For so many seconds a client waits for a file that is being fetched and vetted, before it is told to come again.
    #[schemars(range(min = 1, max = 3600))]
    pub wait_seconds: u32,
    /// After so many seconds a client gets what has come of such a file; its last part waits for digest and verdict. Before
    /// that a refusal has its reason, after it the connection is cut, and the next try is told the reason.
    #[schemars(range(max = 3600))]
    pub stream_after_seconds: u32,
    /// For so many seconds a client that has all but the last part waits for the verdict, before the connection is cut.
    #[schemars(range(min = 1, max = 3600))]
    pub verdict_seconds: u32,
    /// Vets what is published here, and refuses it if its verdict is bad enough.
    pub vet_uploads: bool,
    /// The largest file that is fetched or taken, in MiB.
    #[schemars(range(min = 1, max = 65536))]
    pub file_mebibytes: u32,
    /// For so many seconds an upstream page is fresh when the upstream does not say.
    #[schemars(range(max = 86400))]
    pub fresh_seconds: u32,
}

/// What differs for some packages or some teams. A later entry has the last word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct Override {
    /// For these packages: `["pypi:numpy", "npm:@acme/*"]`; empty for all.
    pub packages: Vec<String>,
    /// For these ecosystems: `["pypi"]`; empty for all.
    pub ecosystems: Vec<String>,
    /// For tokens of these teams; empty for everybody.
    pub teams: Vec<String>,
    /// As in `[decide]`, and so are all that follow.
    pub refuse_from: Option<Threshold>,
    /// See `[decide]`.
    pub hold_from: Option<Threshold>,
    /// See `[decide]`.
    pub incomplete: Option<Incomplete>,
    /// See `[decide]`.
    pub minimum_age_hours: Option<u32>,
    /// See `[decide]`.
    pub exempt_fixes: Option<bool>,
    /// See `[decide]`.
    pub refuse_advisories_from: Option<AdvisoryLevel>,
    /// See `[decide]`.
    pub install_scripts: Option<Otherwise>,
    /// See `[decide]`.
    pub without_provenance: Option<Otherwise>,
    /// See `[decide]`.
    pub deny_licences: Option<Vec<String>>,
    /// See `[decide]`.
    pub dry_run: Option<bool>,
}

/// From which verdict on something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Threshold {
    /// From a note.
    Note,
    /// From what a person should look at.
    Review,
    /// From what is blocked.
    Block,
    /// Never.
    Never,
}

/// From which severity of an advisory on something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AdvisoryLevel {
    /// From 0.1.
    Low,
    /// From 4.0.
    Medium,
    /// From 7.0.
    High,
    /// From 9.0.
    Critical,
    /// Never.
    Never,
}

/// What happens to what could not be vetted completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Incomplete {
    /// It is held until somebody approves it.
    Hold,
    /// It is served.
    Serve,
}

/// What happens to releases that are not as one would wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Otherwise {
    /// They are served.
    Serve,
    /// They are held until somebody approves them.
    Hold,
    /// They are refused.
    Refuse,
}

impl Default for DecideSettings {
    fn default() -> Self {
        Self {
            refuse_from: Threshold::Block,
            hold_from: Threshold::Never,
            incomplete: Incomplete::Hold,
            minimum_age_hours: 0,
            exempt_fixes: true,
            refuse_advisories_from: AdvisoryLevel::Never,
            install_scripts: Otherwise::Serve,
            without_provenance: Otherwise::Serve,
            deny_licences: Vec::new(),
            dry_run: false,
            wait_seconds: 12,
            stream_after_seconds: 2,
            verdict_seconds: 120,
            vet_uploads: true,
            file_mebibytes: 4096,
            fresh_seconds: 300,
        }
    }
}

impl DecideSettings {
    /// How long a client waits.
    pub fn wait(&self) -> Duration {
        Duration::from_secs(self.wait_seconds.into())
    }

    /// How long a client waits for an answer to begin.
    pub fn stream_after(&self) -> Duration {
        Duration::from_secs(self.stream_after_seconds.into())
    }

    /// How long a client waits for the last part.
    pub fn verdict_wait(&self) -> Duration {
        Duration::from_secs(self.verdict_seconds.into())
    }

    /// The largest file, in bytes.
    pub fn file_bytes(&self) -> u64 {
        u64::from(self.file_mebibytes) << 20
    }

    /// The settings with what an entry says in the place of what stands here.
    #[must_use]
    pub fn with(&self, entry: &Override) -> Self {
        let own = self;
        let licences = entry.deny_licences.as_ref();
        Self {
            refuse_from: entry.refuse_from.unwrap_or(own.refuse_from),
            hold_from: entry.hold_from.unwrap_or(own.hold_from),
            incomplete: entry.incomplete.unwrap_or(own.incomplete),
            minimum_age_hours: entry.minimum_age_hours.unwrap_or(own.minimum_age_hours),
            exempt_fixes: entry.exempt_fixes.unwrap_or(own.exempt_fixes),
            refuse_advisories_from: entry
                .refuse_advisories_from
                .unwrap_or(own.refuse_advisories_from),
            install_scripts: entry.install_scripts.unwrap_or(own.install_scripts),
            without_provenance: entry.without_provenance.unwrap_or(own.without_provenance),
            deny_licences: licences.unwrap_or(&own.deny_licences).clone(),
            dry_run: entry.dry_run.unwrap_or(own.dry_run),
            ..*own
        }
    }
}
