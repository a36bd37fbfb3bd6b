//! Which hosts a package manager needs: those that its own configuration names, and those that the registry's own
//! answers name for its files. No host stands here.

use foretaste_cargo::{CargoConfig, CargoSettings};
use foretaste_io::{Environment, HttpClient, HttpOptions, Request, SafeUrl};
use foretaste_npm::{NpmConfig, NpmSettings};
use foretaste_registry::{Endpoint, RegistryError};
use thiserror::Error;
use url::Url;

use crate::policy::hosts::HostPattern;
use crate::policy::preset::{Preset, Registry};

/// Why the hosts are not known.
#[derive(Debug, Error)]
pub enum HostsError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// The document of a registry that tells where its files are, and what stands before such a place.
const fn telling(registry: Registry) -> (&'static str, &'static str) {
    match registry {
        Registry::Python => ("pip/", "href=\""),
        Registry::Npm => ("npm/latest", "\"tarball\":\""),
        Registry::Cargo => ("config.json", "\"dl\":\""),
        Registry::Gem => ("", ""),
    }
}

/// Finds the hosts.
///
/// # Errors
/// The configuration of the package manager cannot be read or used.
pub async fn find(
    preset: Preset,
    environment: &Environment,
) -> Result<Vec<HostPattern>, HostsError> {
    let registry = preset.registry();
    let (endpoints, bundles) = match registry {
        Registry::Python => {
            let found =
                foretaste_pypi::discover(environment, &foretaste_pypi::Settings::default()).await?;
            (found.endpoints, foretaste_pypi::ca_bundles(environment)?)
        }
        Registry::Npm => {
            let found = NpmConfig::discover(environment, &NpmSettings::default()).await?;
            (found.endpoints, found.ca_bundles)
        }
        Registry::Cargo => (
            CargoConfig::discover(environment, &CargoSettings::default())?.endpoints,
            Vec::new(),
        ),
        Registry::Gem => (
            foretaste_rubygems::config::discover(environment, None)
                .await?
                .endpoints,
            Vec::new(),
        ),
    };
    let mut options = HttpOptions::from_environment(environment);
    options.ca_bundles.extend(bundles);
    options.retries = 0;
    let client = HttpClient::new(options);
    let mut hosts: Vec<HostPattern> = Vec::new();
    for endpoint in &endpoints {
        hosts.extend(host(endpoint.url.url()));
        hosts.extend(files(&client, endpoint, registry).await);
    }
    hosts.sort();
    hosts.dedup();
    Ok(hosts)
}

fn host(url: &Url) -> Option<HostPattern> {
    Some(HostPattern::exact(
        url.host_str()?.trim_matches(['[', ']']),
        url.port_or_known_default(),
    ))
}

/// The hosts of a registry's files, as far as it tells. A registry that does not answer now will not answer the command
/// either, so that this is no error.
async fn files(client: &HttpClient, endpoint: &Endpoint, registry: Registry) -> Vec<HostPattern> {
    let (document, before) = telling(registry);
    let mut base = endpoint.url.url().clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    let Ok(url) = base.join(document) else {
        return Vec::new();
    };
    let shown = SafeUrl::new(url.clone());
    match client
        .get(Request::get(url.clone()).auth(endpoint.auth.clone()))
        .await
    {
        Ok(response) => named(&response.text(), before, &url),
        Err(error) => {
            tracing::debug!(%error, url = %shown, "where the files are is not known");
            Vec::new()
        }
    }
}

/// The hosts of the URLs that stand behind a mark.
fn named(text: &str, before: &str, base: &Url) -> Vec<HostPattern> {
    let mut hosts: Vec<HostPattern> = text
        .split(before)
        .skip(1)
        .filter_map(|rest| base.join(rest.split('"').next()?).ok())
        .filter_map(|url| host(&url))
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosts_of_files_are_those_of_links() {
        let base = Url::parse("https://index.example/simple/pip/").expect("a URL");
        let page = r#"<a href="https://files.example/a/pip-1.whl#sha256=x">x</a> see https://evil.example <a href="../local/pip-2.whl">"#;
        let hosts: Vec<String> = named(page, "href=\"", &base)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(hosts, ["files.example", "index.example"]);
        let json = r#"{"homepage":"https://home.example","dist":{"tarball":"https://files.example/npm.tgz"}}"#;
        let hosts: Vec<String> = named(json, "\"tarball\":\"", &base)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(hosts, ["files.example"]);
    }
}
