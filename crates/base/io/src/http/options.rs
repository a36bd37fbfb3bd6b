//! How an [`super::HttpClient`] behaves.

use std::path::PathBuf;
use std::time::Duration;

use super::Reach;
use crate::Environment;

/// Settings of a client; the defaults suit a public registry.
#[derive(Clone, Debug)]
pub struct HttpOptions {
    /// Serve only what is in the cache.
    pub offline: bool,
    /// Ask the server even where the cache is fresh (answers are still revalidated, not fetched anew).
    pub refresh: bool,
    /// Where answers are kept; none for no cache.
    pub cache_dir: Option<PathBuf>,
    /// For how long an answer is fresh when the server does not say. RFC 9111 (4.2.2) leaves it to the client; the
    /// default is what the public registries state where they do.
    pub default_freshness: Duration,
    /// Whether it is remembered, for the default freshness, that there is no such page. A service that serves strangers
    /// should not: each made-up name would leave a file.
    pub remember_missing: bool,
    /// For how long beyond its freshness an answer may be used by those who ask for it again meanwhile
    /// ([`super::HttpClient::stale`]).
    pub stale_for: Duration,
    /// Time to connect, TLS included.
    pub connect_timeout: Duration,
    /// Longest silence while an answer arrives.
    pub read_timeout: Duration,
    /// Requests at the same time.
    pub concurrency: usize,
    /// Attempts after the first.
    pub retries: u32,
    /// Pause before the first retry; doubles each time, with jitter.
    pub backoff: Duration,
    /// The longest pause, also for `Retry-After`; a server that wants more is reported as rate-limiting.
    pub longest_pause: Duration,
    /// Certificate authorities beyond the system's: PEM files or folders of them.
    pub ca_bundles: Vec<PathBuf>,
    /// The `User-Agent`.
    pub user_agent: String,
    /// Which hosts may lie in a private network; none for no restriction.
    pub reach: Option<Reach>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            offline: false,
            refresh: false,
            cache_dir: None,
            default_freshness: Duration::from_mins(10),
            remember_missing: true,
            stale_for: Duration::from_hours(24),
            connect_timeout: Duration::from_secs(15),
            read_timeout: Duration::from_mins(1),
            concurrency: 16,
            retries: 3,
            backoff: Duration::from_millis(300),
            longest_pause: Duration::from_secs(30),
            ca_bundles: Vec::new(),
            user_agent: concat!("foretaste/", env!("CARGO_PKG_VERSION")).to_owned(),
            reach: None,
        }
    }
}

impl HttpOptions {
    /// The defaults with the environment's cache folder and certificate bundles.
    pub fn from_environment(env: &Environment) -> Self {
        Self {
            cache_dir: env.cache_dir().map(|dir| dir.join("http")),
            ca_bundles: env.ca_bundles(),
            ..Self::default()
        }
    }
}
