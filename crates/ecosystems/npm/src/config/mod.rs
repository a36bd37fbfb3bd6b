//! Which registry npm would use on this machine, for which scope, with which credentials.

mod client_default;
mod credentials;
mod layers;
mod npmrc;
mod yarn;

use std::collections::BTreeMap;
use std::path::PathBuf;

use foretaste_io::{Credentials, Environment};
use foretaste_model::PackageName;
use foretaste_registry::{Endpoint, RegistryError};

use client_default::NPM;
use layers::Layers;

pub use yarn::yarn_registries;

/// What a flag and `foretaste.toml` say; everything else comes from npm's own configuration.
#[derive(Clone, Debug, Default)]
pub struct NpmSettings {
    /// A registry given on the command line.
    pub flag: Option<String>,
    /// A registry from `foretaste.toml`.
    pub configured: Option<String>,
    /// Registries of scopes (`@acme`) from `foretaste.toml`.
    pub scopes: BTreeMap<String, String>,
    /// Where downloads are counted: a base URL below which `point/last-week/<package>` answers. None: not asked.
    pub downloads: Option<String>,
}

/// npm's configuration as far as it concerns look-ups.
#[derive(Clone, Debug)]
pub struct NpmConfig {
    /// The default registry, then those of scopes; the latter have the scope as their name.
    pub endpoints: Vec<Endpoint>,
    /// Credentials by host and path (`//host/path/:_authToken` and the like).
    pub credentials: Credentials,
    /// Certificate bundles (`cafile`), for the HTTP client's options.
    pub ca_bundles: Vec<PathBuf>,
    /// Where downloads are counted, if configured.
    pub downloads: Option<Endpoint>,
}

impl NpmConfig {
    /// Discovers the configuration: flag, `foretaste.toml`, environment (`npm_config_*`), the `.npmrc` of the project,
    /// the user and the machine, and last what npm itself answers. Scoped registries are found in the same order.
    ///
    /// # Errors
    /// When a file cannot be read, a URL is unusable, or no registry is configured and npm cannot be asked.
    pub async fn discover(
        env: &Environment,
        settings: &NpmSettings,
    ) -> Result<Self, RegistryError> {
        let layers = Layers::read(env)?;
        let mut endpoints = vec![default_endpoint(env, settings, &layers).await?];
        for (scope, (url, origin)) in scopes(settings, &layers) {
            let mut endpoint = endpoint(&url, &origin)?;
            endpoint.name = Some(scope.into());
            endpoints.push(endpoint);
        }
        let downloads = settings
            .downloads
            .as_deref()
            .map(|url| endpoint(url, "foretaste.toml"))
            .transpose()?;
        let ca_bundles = layers.get("cafile").map(|(path, _)| path.into());
        Ok(Self {
            credentials: credentials::read(&layers, &endpoints),
            endpoints,
            ca_bundles: ca_bundles.into_iter().collect(),
            downloads,
        })
    }

    /// The registry that is asked for a package: its scope's, or the default one.
    pub fn endpoint_for(&self, name: &PackageName) -> Option<&Endpoint> {
        let scope = name.as_str().split_once('/').map(|(scope, _)| scope);
        let scoped = self
            .endpoints
            .iter()
            .find(|e| e.name.is_some() && e.name.as_deref() == scope);
        scoped.or_else(|| self.endpoints.iter().find(|e| e.name.is_none()))
    }
}

async fn default_endpoint(
    env: &Environment,
    settings: &NpmSettings,
    layers: &Layers,
) -> Result<Endpoint, RegistryError> {
    for (url, origin) in [
        (&settings.flag, "the command line"),
        (&settings.configured, "foretaste.toml"),
    ] {
        if let Some(url) = url {
            return endpoint(url, origin);
        }
    }
    if let Some((url, origin)) = layers.get("registry") {
        return endpoint(url, origin);
    }
    let url = client_default::ask(&NPM, env).await?;
    endpoint(&url, "the default of npm")
}

/// The registry of each scope, the strongest source first.
fn scopes(settings: &NpmSettings, layers: &Layers) -> BTreeMap<String, (String, String)> {
    let mut found = BTreeMap::new();
    for (scope, url) in &settings.scopes {
        let scope = format!("@{}", scope.trim_start_matches('@'));
        found.insert(scope, (url.clone(), "foretaste.toml".to_owned()));
    }
    for (key, value, origin) in layers.all() {
        if let Some(scope) = key.strip_suffix(":registry")
            && scope.starts_with('@')
        {
            found
                .entry(scope.to_owned())
                .or_insert_with(|| (value.to_owned(), origin.to_owned()));
        }
    }
    found
}

/// A registry URL always ends with a slash, so that joining keeps its path.
fn endpoint(url: &str, origin: &str) -> Result<Endpoint, RegistryError> {
    let mut text = url.trim().to_owned();
    if !text.ends_with('/') {
        text.push('/');
    }
    Ok(Endpoint::parse(&text, origin)?)
}

#[cfg(test)]
mod tests;
