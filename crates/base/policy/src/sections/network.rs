//! `[network]`

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the network is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct NetworkSettings {
    /// Answers only from the cache; what is not there is reported as skipped or incomplete.
    pub offline: bool,
    /// The longest silence of a server, in seconds.
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_seconds: u32,
    /// Requests at the same time.
    #[schemars(range(min = 1, max = 256))]
    pub concurrency: u32,
    /// For how long an answer is used again without asking when the server does not say, in seconds; `--refresh` asks
    /// all the same.
    #[schemars(range(max = 86_400))]
    pub fresh_seconds: u32,
    /// For how long beyond its freshness the answer of the DNS, of a registry of domains or of a repository's host is used
    /// while it is asked for again, in seconds. Advisories, indexes and what accuses anybody are never that old.
    #[schemars(range(max = 604_800))]
    pub stale_seconds: u32,
    /// Attempts after the first.
    #[schemars(range(max = 20))]
    pub retries: u32,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            offline: false,
            timeout_seconds: 60,
            concurrency: 16,
            // what the public registries say of their pages where they say something
            fresh_seconds: 600,
            stale_seconds: 86_400,
            retries: 3,
        }
    }
}

impl NetworkSettings {
    /// The longest silence of a server.
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds as u64)
    }
}
