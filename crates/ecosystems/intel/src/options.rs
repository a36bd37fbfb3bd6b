//! What is fixed for a run of the program and different in tests.

use std::net::SocketAddr;
use std::time::Duration;

/// For how long a host or resolver that did not answer is not asked again, by later runs either.
pub(crate) const NOT_AGAIN: Duration = Duration::from_mins(3);

/// Settings beyond the policy; the defaults are right for everything but tests and closed networks.
#[derive(Clone, Debug)]
pub struct Options {
    /// The DNS resolver; the system's if none.
    pub resolver: Option<SocketAddr>,
    /// Limit on one question to the DNS.
    pub dns_limit: Duration,
    /// Whether domains below reserved or unknown top-level domains (`.example`, `.internal`) are asked about. They
    /// cannot be registered, and may be names of an inner network that nobody outside should see.
    pub ask_unknown_suffixes: bool,
    /// Where repositories are cloned from in place of `https://<host>/`: a URL that ends with `/`.
    pub clone_root: Option<String>,
    /// Limit on connecting to a service, TLS included.
    pub connect_limit: Duration,
    /// Longest silence of a service.
    pub read_limit: Duration,
    /// Limit on everything that is asked about one release, from its first question.
    pub limit: Duration,
    /// Limit on one call of `git`.
    pub git_limit: Duration,
    /// Bytes that a repository at one tag may take on disk.
    pub git_bytes: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            resolver: None,
            dns_limit: Duration::from_millis(1_500),
            ask_unknown_suffixes: false,
            clone_root: None,
            connect_limit: Duration::from_millis(1_800),
            read_limit: Duration::from_secs(6),
            limit: Duration::from_secs(12),
            git_limit: Duration::from_secs(20),
            git_bytes: 256 << 20,
        }
    }
}
