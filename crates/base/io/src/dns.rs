//! Asking the DNS: does a name exist, and has it records of a kind.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as Refusal, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use thiserror::Error;

/// A resolver to share: clones have one cache.
#[derive(Clone)]
pub struct Dns {
    resolver: TokioResolver,
    limit: Duration,
}

/// Which records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// Mail exchangers.
    Mx,
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// Name servers.
    Ns,
}

/// A definite answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsAnswer {
    /// There is no such name (NXDOMAIN).
    NoSuchName,
    /// The name exists without records of this kind.
    Empty,
    /// The name has at least one.
    Found,
}

/// Why there is no definite answer.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum DnsError {
    /// The machine's own settings cannot be read.
    #[error("the settings of the system's resolver cannot be read: {reason}")]
    Setup {
        /// Why.
        reason: String,
    },
    /// The resolver cannot be reached.
    #[error("the DNS resolver did not answer for {name}")]
    Unreachable {
        /// The name.
        name: String,
    },
    /// The resolver answered that it cannot say (SERVFAIL, REFUSED, ...).
    #[error("the DNS has no definite answer for {name}: {reason}")]
    Indefinite {
        /// The name.
        name: String,
        /// Why.
        reason: String,
    },
}

impl Dns {
    /// The system's resolver; `limit` bounds each question as a whole.
    ///
    /// # Errors
    /// When the system's settings cannot be read.
    pub fn of_system(limit: Duration) -> Result<Self, DnsError> {
        let setup = |e: NetError| DnsError::Setup {
            reason: e.to_string(),
        };
        let builder = TokioResolver::builder_tokio().map_err(setup)?;
        Self::build(builder, limit)
    }

    /// A resolver at an address, over UDP and TCP.
    ///
    /// # Errors
    /// When it cannot be set up.
    pub fn at(address: SocketAddr, limit: Duration) -> Result<Self, DnsError> {
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
            .into_iter()
            .map(|mut connection| {
                connection.port = address.port();
                connection
            })
            .collect();
        let server = NameServerConfig::new(address.ip(), true, connections);
        let config = ResolverConfig::from_name_servers(vec![server]);
        let provider = TokioRuntimeProvider::default();
        Self::build(TokioResolver::builder_with_config(config, provider), limit)
    }

    fn build(
        mut builder: hickory_resolver::ResolverBuilder<TokioRuntimeProvider>,
        limit: Duration,
    ) -> Result<Self, DnsError> {
        let options = builder.options_mut();
        options.timeout = limit / 2;
        options.attempts = 1;
        options.cache_size = 1 << 10;
        let resolver = builder.build().map_err(|e| DnsError::Setup {
            reason: e.to_string(),
        })?;
        Ok(Self { resolver, limit })
    }

    /// Asks about a fully qualified name (the search list of the system is not used).
    ///
    /// # Errors
    /// When there is no definite answer.
    pub async fn lookup(&self, name: &str, kind: RecordKind) -> Result<DnsAnswer, DnsError> {
        let record_type = match kind {
            RecordKind::Mx => RecordType::MX,
            RecordKind::A => RecordType::A,
            RecordKind::Aaaa => RecordType::AAAA,
            RecordKind::Ns => RecordType::NS,
        };
        let asked = self.resolver.lookup(format!("{name}."), record_type);
        let unreachable = || DnsError::Unreachable {
            name: name.to_owned(),
        };
        let indefinite = |reason: String| DnsError::Indefinite {
            name: name.to_owned(),
            reason,
        };
        tracing::debug!(name, ?kind, "asking the DNS");
        match tokio::time::timeout(self.limit, asked).await {
            Err(_) => Err(unreachable()),
            Ok(Ok(found)) => {
                // an answer may hold nothing but an alias
                let has = found
                    .answers()
                    .iter()
                    .any(|r| r.record_type() == record_type);
                Ok(if has {
                    DnsAnswer::Found
                } else {
                    DnsAnswer::Empty
                })
            }
            Ok(Err(NetError::Dns(Refusal::NoRecordsFound(none)))) => match none.response_code {
                ResponseCode::NXDomain => Ok(DnsAnswer::NoSuchName),
                ResponseCode::NoError => Ok(DnsAnswer::Empty),
                other => Err(indefinite(other.to_string())),
            },
            Ok(Err(NetError::Dns(refusal))) => Err(indefinite(refusal.to_string())),
            Ok(Err(NetError::Timeout | NetError::NoConnections | NetError::Io(_))) => {
                Err(unreachable())
            }
            Ok(Err(other)) => Err(indefinite(other.to_string())),
        }
    }
}

impl std::fmt::Debug for Dns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dns")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
