//! Where public packages come from.

use foretaste_cargo::{CargoConfig, CargoSettings};
use foretaste_io::{Credentials, Environment, HttpClient, HttpError, Request, Response};
use foretaste_model::Ecosystem;
use foretaste_npm::{NpmConfig, NpmSettings};
use foretaste_registry::{Endpoint, RegistryError, Sources};
use url::Url;

use crate::settings::Upstreams as UpstreamSettings;
use crate::trace::{self, Kind, Told};

/// The endpoints of each ecosystem, in the order in which they are asked.
#[derive(Clone, Debug)]
pub(crate) struct Upstreams {
    pub(crate) pypi: Vec<Endpoint>,
    pub(crate) npm: Vec<Endpoint>,
    pub(crate) cargo: Vec<Endpoint>,
    credentials: Credentials,
    /// What is worth telling: ecosystems without an upstream.
    pub(crate) notices: Vec<String>,
}

impl Upstreams {
    /// From the settings, else as this machine's clients are configured.
    pub(crate) async fn find(
        settings: &UpstreamSettings,
        env: &Environment,
    ) -> Result<Self, RegistryError> {
        let mut found = Self {
            pypi: Vec::new(),
            npm: Vec::new(),
            cargo: Vec::new(),
            credentials: Credentials::from_netrc(env)?,
            notices: Vec::new(),
        };
        found.pypi = if let Some(urls) = &settings.pypi {
            listed(urls)?
        } else {
            let plain = foretaste_pypi::Settings::default();
            let indexes = foretaste_pypi::discover(env, &plain).await;
            found.or_none(Ecosystem::Pypi, indexes.map(|i| i.endpoints))?
        };
        found.npm = if let Some(urls) = &settings.npm {
            listed(urls)?
        } else {
            let config = NpmConfig::discover(env, &NpmSettings::default()).await;
            found.or_none(Ecosystem::Npm, config.map(|c| c.endpoints))?
        };
        found.cargo = if let Some(urls) = &settings.cargo {
            listed(urls)?
        } else {
            let config = CargoConfig::discover(env, &CargoSettings::default());
            found.or_none(Ecosystem::Cargo, config.map(|c| c.endpoints))?
        };
        for endpoint in found.pypi.iter().chain(&found.npm).chain(&found.cargo) {
            if let Some(auth) = &endpoint.auth {
                // the index's credentials are good for its whole origin, where its files lie
                let mut root = endpoint.url.url().clone();
                root.set_path("/");
                root.set_query(None);
                found.credentials.add(endpoint.url.url(), auth.clone());
                found.credentials.add(&root, auth.clone());
            }
        }
        Ok(found)
    }

    /// An ecosystem of which no client is configured here has no upstream; that is said, and no error.
    fn or_none(
        &mut self,
        ecosystem: Ecosystem,
        endpoints: Result<Vec<Endpoint>, RegistryError>,
    ) -> Result<Vec<Endpoint>, RegistryError> {
        match endpoints {
            Ok(endpoints) => Ok(endpoints),
            Err(RegistryError::NotConfigured { hint, .. }) => {
                self.notices
                    .push(format!("no public {ecosystem} packages are served: {hint}"));
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Every endpoint's URL.
    pub(crate) fn urls(&self) -> impl Iterator<Item = &Url> {
        let all = self.pypi.iter().chain(&self.npm).chain(&self.cargo);
        all.map(|endpoint| endpoint.url.url())
    }

    /// The endpoints of an ecosystem.
    pub(crate) fn of(&self, ecosystem: Ecosystem) -> &[Endpoint] {
        match ecosystem {
            Ecosystem::Pypi => &self.pypi,
            Ecosystem::Npm => &self.npm,
            Ecosystem::Cargo => &self.cargo,
            _ => &[],
        }
    }

    /// A request with the credentials for its URL.
    pub(crate) fn request(&self, url: Url) -> Request {
        let auth = self.credentials.find(&url);
        Request::get(url).auth(auth)
    }

    /// Asks the endpoints of an ecosystem for a path, in order; the first that has it is the one that counts, so that a
    /// later one cannot add versions to a package of an earlier one. None if no endpoint has it.
    pub(crate) async fn first(
        &self,
        http: &HttpClient,
        ecosystem: Ecosystem,
        path: &str,
        shape: impl Fn(Request) -> Request,
    ) -> Result<Option<Response>, HttpError> {
        for endpoint in self.of(ecosystem) {
            let Ok(url) = folder(endpoint.url.url()).join(path) else {
                continue;
            };
            let told = |answer: &Result<Response, HttpError>| Told {
                attributes: vec![
                    ("foretaste.ecosystem", ecosystem.id().into()),
                    ("server.address", endpoint.url.host().into()),
                ],
                failed: answer.as_ref().err().map(ToString::to_string),
            };
            let asked = http.get(shape(self.request(url)));
            match trace::child(("ask an index", Kind::Client), asked, told).await {
                Ok(response) => return Ok(Some(response)),
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }
}

/// The URL as a folder: clients write indexes with and without a slash at the end.
fn folder(url: &Url) -> Url {
    let mut folder = url.clone();
    if !folder.path().ends_with('/') {
        let path = format!("{}/", folder.path());
        folder.set_path(&path);
    }
    folder
}

fn listed(urls: &[String]) -> Result<Vec<Endpoint>, RegistryError> {
    let pairs: Vec<(String, String)> = urls
        .iter()
        .map(|url| {
            let url = url.strip_prefix("sparse+").unwrap_or(url);
            (url.to_owned(), "gate.toml".to_owned())
        })
        .collect();
    Ok(Sources::new(&pairs)?.endpoints)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_is_a_folder_however_it_is_written() {
        for text in ["https://i.example/simple", "https://i.example/simple/"] {
            let url = Url::parse(text).unwrap();
            let project = folder(&url).join("six/").unwrap();
            assert_eq!(project.as_str(), "https://i.example/simple/six/");
        }
    }
}
