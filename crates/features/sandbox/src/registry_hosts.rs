//! Which hosts a package manager needs: those that its own configuration names, and those that the registry's own
//! answers name for its files. No host stands here.

use foretaste_cargo::{CargoConfig, CargoSettings};
use foretaste_io::{Credentials, Environment, HttpClient, HttpOptions, Request, SafeUrl, outbound};
use foretaste_npm::{NpmConfig, NpmSettings, yarn_registries};
use foretaste_registry::{Answers, Endpoint, RegistryError};
use thiserror::Error;
use url::Url;

use crate::policy::hosts::HostPattern;
use crate::policy::preset::{Preset, Registry};
use crate::policy::registries::Registries;

/// Why the hosts are not known.
#[derive(Debug, Error)]
pub enum HostsError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}

/// The document of a registry that tells where its files are; of a gem server none.
const fn telling(registry: Registry) -> Option<&'static str> {
    match registry {
        Registry::Python => Some("pip/"),
        Registry::Npm => Some("npm/latest"),
        Registry::Cargo => Some("config.json"),
        Registry::Gem => None,
    }
}

/// Finds the hosts.
///
/// # Errors
/// The configuration of the package manager cannot be read or used.
pub async fn find(preset: Preset, environment: &Environment) -> Result<Registries, HostsError> {
    let registry = preset.registry();
    let (endpoints, bundles) = match registry {
        Registry::Python => {
            let found =
                foretaste_pypi::discover(environment, &foretaste_pypi::Settings::default()).await?;
            (found.endpoints, foretaste_pypi::ca_bundles(environment)?)
        }
        Registry::Npm => {
            let found = NpmConfig::discover(environment, &NpmSettings::default()).await?;
            let mut endpoints = found.endpoints;
            if preset == Preset::Yarn {
                match yarn_registries(environment).await {
                    Ok(own) => endpoints.extend(own),
                    // what it reaches beyond npm's then stands in the record
                    Err(error) => tracing::warn!(%error, "yarn's own registry is not known"),
                }
            }
            (endpoints, found.ca_bundles)
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
    options.ca_bundles.extend(bundles.iter().cloned());
    options.retries = 0;
    let client = HttpClient::new(options);
    // a netrc that cannot be read gives nobody away
    let credentials = Credentials::from_netrc(environment).unwrap_or_default();
    let mut found = Registries {
        bundles,
        credentials,
        ..Registries::default()
    };
    for endpoint in &endpoints {
        let url = endpoint.url.url();
        let of_files = files(&client, environment, endpoint, registry).await;
        // the files of an index in a private network may be there as well
        if is_private(url).await {
            found.configured.extend(of_files.iter().cloned());
        }
        found.configured.extend(host(url));
        found.hosts.extend(host(url));
        found.hosts.extend(of_files);
        if let Some(auth) = &endpoint.auth {
            found.credentials.add(url, auth.clone());
        }
    }
    found.hosts.sort();
    found.hosts.dedup();
    Ok(found)
}

fn host(url: &Url) -> Option<HostPattern> {
    Some(HostPattern::exact(
        url.host_str()?.trim_matches(['[', ']']),
        url.port_or_known_default(),
    ))
}

/// True if a registry is not in the public internet.
async fn is_private(url: &Url) -> bool {
    let place = url.host_str().zip(url.port_or_known_default());
    let Some((name, port)) = place else {
        return false;
    };
    let addresses = tokio::net::lookup_host((name.trim_matches(['[', ']']), port)).await;
    addresses.is_ok_and(|all| {
        all.into_iter()
            .any(|address| !outbound::is_public(address.ip()))
    })
}

/// The hosts of a registry's files, as far as it tells. A registry that does not answer now will not answer the command
/// either, so that this is no error.
async fn files(
    client: &HttpClient,
    environment: &Environment,
    endpoint: &Endpoint,
    registry: Registry,
) -> Vec<HostPattern> {
    let Some(document) = telling(registry) else {
        return beside(endpoint.url.url()).into_iter().collect();
    };
    let mut base = endpoint.url.url().clone();
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    let Ok(url) = base.join(document) else {
        return Vec::new();
    };
    let shown = SafeUrl::new(url.clone());
    let answers = Answers::of(environment, "files-of-registry", &[shown.to_string()]);
    if let Some(known) = answers.recall(Answers::OF_REGISTRY)
        && let Ok(hosts) = known.lines().map(str::parse).collect::<Result<_, _>>()
    {
        return hosts;
    }
    let mut request = Request::get(url).auth(endpoint.auth.clone());
    if registry == Registry::Python {
        request = request.accept(foretaste_pypi::simple::ACCEPT);
    }
    match client.get(request).await {
        Ok(response) => {
            let hosts = named(
                registry,
                response.url.url(),
                response.media_type(),
                &response.body,
            );
            let lines: Vec<String> = hosts.iter().map(ToString::to_string).collect();
            if !lines.is_empty() {
                answers.remember(&lines.join("\n"));
            }
            hosts
        }
        Err(error) => {
            tracing::debug!(%error, url = %shown, "where the files are is not known");
            Vec::new()
        }
    }
}

/// The host that gem asks for the index of its public server, which serves the gems alone: the name is made in the client,
/// and nothing that the server answers tells it.
fn beside(gems: &Url) -> Option<HostPattern> {
    let name = gems.domain()?;
    let port = gems.port_or_known_default();
    Some(HostPattern::exact(&format!("index.{name}"), port))
}

/// The hosts of the files that a document names.
fn named(registry: Registry, base: &Url, media_type: &str, body: &[u8]) -> Vec<HostPattern> {
    let field = |pointer: &str| -> Vec<Url> {
        let document: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        let place = document.as_ref().and_then(|d| d.pointer(pointer)?.as_str());
        place
            .and_then(|text| base.join(text).ok())
            .into_iter()
            .collect()
    };
    let urls: Vec<Url> = match registry {
        Registry::Python => foretaste_pypi::simple::parse(base, media_type, body)
            .map(|page| page.files.into_iter().map(|file| file.url).collect())
            .unwrap_or_default(),
        Registry::Npm => field("/dist/tarball"),
        Registry::Cargo => field("/dl"),
        Registry::Gem => Vec::new(),
    };
    let mut hosts: Vec<HostPattern> = urls.iter().filter_map(host).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(registry: Registry, media_type: &str, body: &str) -> Vec<String> {
        let base = Url::parse("https://index.example/simple/pip/").expect("a URL");
        let hosts = named(registry, &base, media_type, body.as_bytes());
        hosts.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_hosts_of_files_are_those_of_links() {
        let page = r#"<!DOCTYPE html><html><body><!-- <a href="https://evil.example/a-1.whl"> -->
            <a href='https://files.example/a/pip-1-py3-none-any.whl#sha256=x'>pip-1-py3-none-any.whl</a>
            see https://evil.example <a href="../local/pip-2-py3-none-any.whl">pip-2-py3-none-any.whl</a></body></html>"#;
        let found = hosts(Registry::Python, "text/html", page);
        assert_eq!(found, ["files.example", "index.example"]);
        let json = r#"{"meta":{"api-version":"1.0"},"name":"pip","files":[{"filename":"pip-1-py3-none-any.whl","url":"https://files.example/x","hashes":{}}]}"#;
        let found = hosts(
            Registry::Python,
            "application/vnd.pypi.simple.v1+json",
            json,
        );
        assert_eq!(found, ["files.example"]);
    }

    #[test]
    fn the_index_of_gems_is_beside_them() {
        let of = |url: &str| beside(&Url::parse(url).expect("a URL")).map(|host| host.to_string());
        assert_eq!(
            of("https://gems.example/").as_deref(),
            Some("index.gems.example")
        );
        assert_eq!(of("http://127.0.0.1:8808/"), None);
    }

    #[test]
    fn the_hosts_of_files_are_those_of_the_field() {
        let json = r#"{"description":"\"tarball\":\"https://evil.example/x\"","dist":{"tarball":"https://files.example/npm.tgz"}}"#;
        assert_eq!(
            hosts(Registry::Npm, "application/json", json),
            ["files.example"]
        );
        let json = r#"{"dl": "https://files.example/{crate}", "api": "https://other.example"}"#;
        assert_eq!(
            hosts(Registry::Cargo, "application/json", json),
            ["files.example"]
        );
        assert!(hosts(Registry::Npm, "text/html", "<html>").is_empty());
    }
}
