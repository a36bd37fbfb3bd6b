//! What a client's configuration gives: endpoints, and the credentials for them.

use foretaste_io::{Credentials, Environment, HttpClient, HttpError, Request, Response};
use foretaste_model::{Ecosystem, PackageName};
use url::Url;

use crate::{Endpoint, RegistryError};

/// The endpoints of an ecosystem on this machine, in the order in which they are asked.
#[derive(Clone, Debug)]
pub struct Sources {
    /// The endpoints. Their URLs end with a slash.
    pub endpoints: Vec<Endpoint>,
    /// Credentials, each for its own place.
    pub credentials: Credentials,
}

impl Sources {
    /// Endpoints from URLs, each with where it was configured; credentials in the URLs are taken out.
    ///
    /// # Errors
    /// When one of them is no `http` or `https` URL.
    pub fn new(urls: &[(String, String)]) -> Result<Self, RegistryError> {
        let mut endpoints: Vec<Endpoint> = Vec::new();
        let mut credentials = Credentials::none();
        for (url, origin) in urls {
            let mut text = url.trim().to_owned();
            if !text.ends_with('/') && !text.ends_with(".json") {
                text.push('/');
            }
            let endpoint = Endpoint::parse(&text, origin)?;
            if let Some(auth) = &endpoint.auth {
                credentials.add(endpoint.url.url(), auth.clone());
            }
            if !endpoints.iter().any(|e| e.url == endpoint.url) {
                endpoints.push(endpoint);
            }
        }
        Ok(Self {
            endpoints,
            credentials,
        })
    }

    /// Gets a path below an endpoint, with the credentials for it.
    ///
    /// # Errors
    /// See [`HttpError`]; a path that cannot be joined is [`RegistryError::Malformed`].
    pub async fn get(
        &self,
        http: &HttpClient,
        endpoint: &Endpoint,
        path: &str,
    ) -> Result<Response, RegistryError> {
        let url = endpoint.url.url().join(path);
        let url = url.map_err(|e| RegistryError::Malformed {
            what: format!("a path below {}", endpoint.url),
            reason: e.to_string(),
        })?;
        self.get_url(http, url).await
    }

    /// Gets a URL with the credentials for it.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub async fn get_url(&self, http: &HttpClient, url: Url) -> Result<Response, RegistryError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(RegistryError::Malformed {
                what: "a URL of the registry".to_owned(),
                reason: format!("the scheme `{}` is not followed", url.scheme()),
            });
        }
        let auth = self.credentials.find(&url);
        http.get(Request::get(url).auth(auth))
            .await
            .map_err(|error| match error {
                HttpError::Unauthorized { .. } => RegistryError::unauthorized(
                    error,
                    Some("the client's own configuration or the registry's URL"),
                ),
                other => other.into(),
            })
    }

    /// "No endpoint has such a package."
    pub fn not_found(&self, ecosystem: Ecosystem, name: &PackageName) -> RegistryError {
        RegistryError::NotFound {
            ecosystem,
            name: name.clone(),
            indexes: self.endpoints.iter().map(|e| e.url.clone()).collect(),
        }
    }
}

/// True if an endpoint answered that it has no such thing.
pub fn is_not_found(error: &RegistryError) -> bool {
    matches!(error, RegistryError::Http(error) if error.is_not_found())
}

/// What a client program prints when asked about its configuration; none if it is not installed or fails.
pub async fn ask_client(env: &Environment, program: &str, args: &[&str]) -> Option<String> {
    let path = env.which(program)?;
    let output = foretaste_io::Program::new(path)
        .args(args.iter().map(|a| (*a).to_owned()))
        .dir(&env.system("/"))
        .run()
        .await
        .ok()?;
    output.success.then_some(output.stdout)
}

/// The entry that a request means: the version asked for, as `same` compares; else the newest that is `good`, else the
/// newest at all. `ascending` is in the order of versions.
pub fn choose<'a, T>(
    ascending: &'a [T],
    wanted: Option<&str>,
    same: impl Fn(&T, &str) -> bool,
    good: impl Fn(&T) -> bool,
) -> Option<&'a T> {
    match wanted.map(str::trim) {
        Some(wanted) => ascending.iter().find(|entry| same(entry, wanted)),
        None => ascending
            .iter()
            .rev()
            .find(|entry| good(entry))
            .or_else(|| ascending.last()),
    }
}
