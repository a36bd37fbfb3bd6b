//! Where the indexes are: what this machine's client would use, private indexes included.
//!
//! The order for the default index: the flag, foretaste.toml, `FORETASTE_INDEX_URL`; `UV_DEFAULT_INDEX`,
//! `UV_INDEX_URL`, `PIP_INDEX_URL`; the project's uv.toml or `[tool.uv]`; pip.conf; the user's and the system's uv.toml;
//! at last the client's own default, which the client is asked for. No host name stands in this program.
//!
//! Extra indexes come from the client that gave the default index; where nobody did, from both. An index given by flag,
//! foretaste.toml or `FORETASTE_INDEX_URL` stands alone: who forces one index wants no way round it.

mod client_default;
mod pip;
mod uv;

use std::path::PathBuf;

use foretaste_io::{Auth, Environment, Secret};
use foretaste_model::Ecosystem;
use foretaste_registry::{Endpoint, RegistryError};

/// The indexes to ask, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexes {
    /// In the order in which they are asked.
    pub endpoints: Vec<Endpoint>,
    /// What to do with more than one.
    pub strategy: IndexStrategy,
}

/// How a client treats several indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexStrategy {
    /// The first index that has the package is the only one (uv's default: no dependency confusion).
    FirstIndex,
    /// The files of all indexes are one pool (pip).
    AllIndexes,
}

/// What the user said to Foretaste itself.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `--index-url`.
    pub flag: Option<String>,
    /// `index-url` of foretaste.toml, and that file's path.
    pub configured: Option<(String, PathBuf)>,
    /// More indexes from foretaste.toml, asked after the others.
    pub extra: Vec<String>,
    /// The Python version that decides what is compatible, e.g. `3.12`, in place of the machine's.
    pub python: Option<String>,
}

/// What one client is configured with.
#[derive(Clone, Debug, Default)]
struct ClientIndexes {
    default: Option<Endpoint>,
    extra: Vec<Endpoint>,
    /// Where indexes were switched off altogether.
    no_index: Option<String>,
    /// What is wrong with the file, where the rest of it is heeded.
    broken: Option<String>,
}

/// Which client a setting belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Client {
    Uv,
    Pip,
}

/// Finds the indexes.
///
/// # Errors
/// When a configured URL or file cannot be used, or nothing is configured and no client can be asked.
pub async fn discover(env: &Environment, settings: &Settings) -> Result<Indexes, RegistryError> {
    let mut indexes = match configured(env, settings)? {
        Some(indexes) => indexes,
        None => Indexes {
            endpoints: vec![client_default::ask(env).await?],
            strategy: IndexStrategy::FirstIndex,
        }
        .with_extras_of_both(env)?,
    };
    // the flag names the one index: who forces it wants no way round it
    if settings.flag.is_none() {
        for url in &settings.extra {
            indexes
                .endpoints
                .push(Endpoint::parse(url, "indexes.pypi.extra")?);
        }
    }
    Ok(indexes)
}

/// What is configured somewhere; `None` if only the client's own default is left.
fn configured(env: &Environment, settings: &Settings) -> Result<Option<Indexes>, RegistryError> {
    let own = if let Some(url) = &settings.flag {
        Some(Endpoint::parse(url, "--index-url")?)
    } else if let Some((url, path)) = &settings.configured {
        Some(Endpoint::parse(url, &path.display().to_string())?)
    } else if let Some(url) = env.var("FORETASTE_INDEX_URL") {
        Some(Endpoint::parse(url, "FORETASTE_INDEX_URL")?)
    } else {
        None
    };
    if let Some(endpoint) = own {
        return Ok(Some(Indexes {
            endpoints: vec![with_token(env, endpoint)],
            strategy: IndexStrategy::FirstIndex,
        }));
    }
    let uv_env = uv::environment(env)?;
    let pip_env = pip::environment(env)?;
    let uv_project = uv::project(env)?;
    if let Some(broken) = &uv_project.broken {
        tracing::warn!("{broken}; what the rest of it says about indexes is heeded");
    }
    let pip_files = pip::files(env)?;
    let uv_user = uv::user_and_system(env)?;
    let layers = [
        (Client::Uv, &uv_env),
        (Client::Pip, &pip_env),
        (Client::Uv, &uv_project),
        (Client::Pip, &pip_files),
        (Client::Uv, &uv_user),
    ];
    for (client, layer) in &layers {
        if let Some(place) = &layer.no_index {
            return Err(RegistryError::NotConfigured {
                ecosystem: Ecosystem::Pypi,
                hint: format!(
                    "{place} switches indexes off; pass --index-url to name the one to vet from"
                ),
            });
        }
        let Some(default) = &layer.default else {
            continue;
        };
        let extras = layers
            .iter()
            .filter(|(other, _)| other == client)
            .flat_map(|(_, layer)| layer.extra.iter().cloned());
        let default = with_token(env, default.clone());
        return Ok(Some(Indexes::assemble(*client, default, extras)));
    }
    Ok(None)
}

impl Indexes {
    /// uv asks the extra indexes first and takes the first that has the package; pip pools all.
    fn assemble(client: Client, default: Endpoint, extras: impl Iterator<Item = Endpoint>) -> Self {
        let mut endpoints = Vec::new();
        let mut push = |endpoint: Endpoint| {
            if !endpoints.iter().any(|e: &Endpoint| e.url == endpoint.url) {
                endpoints.push(endpoint);
            }
        };
        match client {
            Client::Uv => {
                extras.for_each(&mut push);
                push(default);
            }
            Client::Pip => {
                push(default);
                extras.for_each(&mut push);
            }
        }
        Self {
            strategy: match client {
                Client::Pip if endpoints.len() > 1 => IndexStrategy::AllIndexes,
                Client::Pip | Client::Uv => IndexStrategy::FirstIndex,
            },
            endpoints,
        }
    }

    /// Extra indexes beside the client's own default. pip's way of pooling is the one that can be attacked, so it is
    /// the one that is vetted where pip has any.
    fn with_extras_of_both(self, env: &Environment) -> Result<Self, RegistryError> {
        let pip: Vec<Endpoint> = [pip::environment(env)?, pip::files(env)?]
            .into_iter()
            .flat_map(|layer| layer.extra)
            .collect();
        let uv: Vec<Endpoint> = [
            uv::environment(env)?,
            uv::project(env)?,
            uv::user_and_system(env)?,
        ]
        .into_iter()
        .flat_map(|layer| layer.extra)
        .collect();
        let Some(default) = self.endpoints.into_iter().next() else {
            return Ok(Self {
                endpoints: Vec::new(),
                strategy: self.strategy,
            });
        };
        let client = if pip.is_empty() {
            Client::Uv
        } else {
            Client::Pip
        };
        Ok(Self::assemble(client, default, pip.into_iter().chain(uv)))
    }
}

/// `FORETASTE_INDEX_TOKEN` for the default index that is configured, unless it has credentials. The client's own default
/// gets none: a token for a private index must not reach a public one because a setting was forgotten.
fn with_token(env: &Environment, mut endpoint: Endpoint) -> Endpoint {
    if let Some(token) = env.var("FORETASTE_INDEX_TOKEN")
        && endpoint.auth.is_none()
    {
        endpoint.auth = Some(Auth::Basic {
            user: "__token__".into(),
            password: Secret::new(token),
        });
    }
    endpoint
}

/// Certificate bundles that pip is configured with (`cert` in pip.conf); those from variables are known to
/// [`Environment::ca_bundles`].
///
/// # Errors
/// When a configuration file cannot be read.
pub fn ca_bundles(env: &Environment) -> Result<Vec<PathBuf>, RegistryError> {
    pip::certificates(env)
}

/// Finds what is configured without asking a client (for tests and for printing the configuration).
///
/// # Errors
/// As [`discover`].
pub fn discover_configured(
    env: &Environment,
    settings: &Settings,
) -> Result<Option<Indexes>, RegistryError> {
    configured(env, settings)
}

#[cfg(test)]
mod tests;
