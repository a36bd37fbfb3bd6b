//! Asking the DNS: does a name exist, and has it records of a kind.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as Refusal, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use hickory_resolver::system_conf::read_system_conf;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A resolver to share: clones have one cache.
#[derive(Clone)]
pub struct Dns {
    resolver: TokioResolver,
    limit: Duration,
    servers: Arc<str>,
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsAnswer {
    /// There is no such name (NXDOMAIN).
    NoSuchName,
    /// The name exists without records of this kind.
    Empty,
    /// The name has at least one.
    Found,
}

/// A definite answer, and for how long the DNS says that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The answer.
    pub answer: DnsAnswer,
    /// Its time to live; zero if the DNS does not say.
    pub holds: Duration,
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
        let (config, options) = read_system_conf().map_err(setup)?;
        Self::build(config, options, limit)
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
        Self::build(config, ResolverOpts::default(), limit)
    }

    fn build(
        config: ResolverConfig,
        mut options: ResolverOpts,
        limit: Duration,
    ) -> Result<Self, DnsError> {
        options.timeout = limit / 2;
        options.attempts = 1;
        options.cache_size = 1 << 10;
        let servers = config.name_servers().iter().map(|server| {
            let ports = server.connections.iter().map(|c| c.port);
            format!("{}:{}", server.ip, ports.min().unwrap_or(0))
        });
        let servers = servers.collect::<Vec<_>>().join(",");
        let builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let resolver = builder
            .with_options(options)
            .build()
            .map_err(|e| DnsError::Setup {
                reason: e.to_string(),
            })?;
        Ok(Self {
            resolver,
            limit,
            servers: servers.into(),
        })
    }

    /// Who is asked: the addresses of the servers. Answers of one resolver are not those of another.
    pub fn servers(&self) -> &str {
        &self.servers
    }

    /// Asks about a fully qualified name (the search list of the system is not used).
    ///
    /// # Errors
    /// When there is no definite answer.
    pub async fn lookup(&self, name: &str, kind: RecordKind) -> Result<Dated, DnsError> {
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
                Ok(Dated {
                    answer: if has {
                        DnsAnswer::Found
                    } else {
                        DnsAnswer::Empty
                    },
                    holds: found.valid_until().duration_since(Instant::now()),
                })
            }
            Ok(Err(NetError::Dns(Refusal::NoRecordsFound(none)))) => {
                let holds = Duration::from_secs(none.negative_ttl.unwrap_or(0).into());
                let definite = |answer| Ok(Dated { answer, holds });
                match none.response_code {
                    ResponseCode::NXDomain => definite(DnsAnswer::NoSuchName),
                    ResponseCode::NoError => definite(DnsAnswer::Empty),
                    other => Err(indefinite(other.to_string())),
                }
            }
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
