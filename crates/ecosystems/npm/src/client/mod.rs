//! The registry client: packuments and tarballs.

mod advisories;
mod digests;
pub(crate) mod fuzzing;
mod packument;
mod release;
mod select;

pub use digests::published;

use async_trait::async_trait;
use foretaste_io::{HttpClient, HttpError, Request, Response};
use foretaste_model::intel::AdvisoryMatch;
use foretaste_model::metadata::{Downloads, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Ecosystem, Knowledge, PackageName, SkipKind};
use foretaste_registry::{
    Download, Endpoint, Registry, RegistryError, fetch_artifact, near_versions,
};
use serde::Deserialize;

use crate::config::NpmConfig;
use packument::Packument;

/// Bytes of a full document; a larger one is asked for in its abbreviated form.
const FULL_LIMIT: u64 = 128 << 20;
/// Bytes of an abbreviated document.
const ABBREVIATED_LIMIT: u64 = 64 << 20;
/// The form in which registries leave out times, people and scripts.
const ABBREVIATED: &str = "application/vnd.npm.install-v1+json, application/json; q=0.5";

/// npm registries as this machine's npm is configured to use them.
#[derive(Clone, Debug)]
pub struct NpmRegistry {
    http: HttpClient,
    config: NpmConfig,
}

impl NpmRegistry {
    /// A client for a discovered configuration; nothing is asked before the first look-up.
    pub const fn new(http: HttpClient, config: NpmConfig) -> Self {
        Self { http, config }
    }

    /// Gets a document, the full one if possible.
    async fn packument(
        &self,
        name: &PackageName,
        endpoint: &Endpoint,
    ) -> Result<Packument, RegistryError> {
        let malformed = |reason: String| RegistryError::Malformed {
            what: format!("the answer of {} for {name}", endpoint.url),
            reason,
        };
        let url = endpoint
            .url
            .url()
            .join(&escaped(name))
            .map_err(|e| malformed(e.to_string()))?;
        let request = |accept: &str, limit: u64| {
            Request::get(url.clone())
                .accept(accept)
                .auth(self.config.credentials.find(&url))
                .max_bytes(limit)
        };
        let full = self.http.get(request("application/json", FULL_LIMIT)).await;
        let response = match full {
            Err(HttpError::TooLarge { .. } | HttpError::Status { status: 406, .. }) => {
                self.http.get(request(ABBREVIATED, ABBREVIATED_LIMIT)).await
            }
            other => other,
        };
        let response = response.map_err(|error| refused(error, name, endpoint))?;
        read(&response).map_err(malformed)
    }

    /// Asks the registry that knows the package anyway; nobody else learns that we do.
    async fn advisories(
        &self,
        name: &PackageName,
        version: &str,
        endpoint: &Endpoint,
    ) -> Knowledge<Vec<AdvisoryMatch>> {
        let Ok(url) = endpoint.url.url().join(advisories::PATH) else {
            return Knowledge::skip(SkipKind::Failed, "the URL of advisories cannot be built");
        };
        let auth = self.config.credentials.find(&url);
        let request = Request::get(url).auth(auth).max_bytes(4 << 20).optional();
        let question = serde_json::json!({name.as_str(): [version]});
        match self.http.post_json(request, &question).await {
            Ok(response) => advisories::read(&response.body, name.as_str()),
            Err(error) => advisories::refused(&error),
        }
    }

    async fn downloads(&self, name: &PackageName) -> Knowledge<Downloads> {
        #[derive(Deserialize)]
        struct Point {
            downloads: u64,
        }
        let Some(endpoint) = &self.config.downloads else {
            return Knowledge::skip(
                SkipKind::NotConfigured,
                "npm registries do not count downloads, and no service that does is configured",
            );
        };
        let path = format!("point/last-week/{}", escaped(name));
        let Ok(url) = endpoint.url.url().join(&path) else {
            return Knowledge::skip(SkipKind::Failed, "the URL of the counter cannot be built");
        };
        let auth = self
            .config
            .credentials
            .find(&url)
            .or_else(|| endpoint.auth.clone());
        let request = Request::get(url).auth(auth).max_bytes(1 << 20).optional();
        match self.http.get(request).await {
            Ok(response) => match serde_json::from_slice::<Point>(&response.body) {
                Ok(point) => Knowledge::Known(Downloads {
                    count: point.downloads,
                    days: 7,
                }),
                Err(error) => Knowledge::skip(SkipKind::Failed, error.to_string()),
            },
            Err(error) => Knowledge::Skipped(error.skip_reason()),
        }
    }
}

#[async_trait]
impl Registry for NpmRegistry {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Npm
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.config.endpoints
    }

    /// `version` may also be a dist-tag or a range.
    async fn lookup(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        let endpoint =
            self.config
                .endpoint_for(name)
                .ok_or_else(|| RegistryError::NotConfigured {
                    ecosystem: Ecosystem::Npm,
                    hint: "set `registry` in an .npmrc or in foretaste.toml".to_owned(),
                })?;
        let (packument, downloads) =
            tokio::join!(self.packument(name, endpoint), self.downloads(name));
        let packument = packument?;
        let no_release = |reason: String| RegistryError::NoRelease {
            name: name.clone(),
            reason,
        };
        if packument.versions.is_empty() {
            return Err(no_release(emptiness(&packument)));
        }
        let chosen = select::choose(&packument, version).ok_or_else(|| {
            let wanted = version.unwrap_or("latest");
            RegistryError::NoSuchVersion {
                name: name.clone(),
                version: wanted.to_owned(),
                near: near_versions(wanted, select::ascending(&packument).into_iter()),
            }
        })?;
        let mut release = release::describe(&packument, &chosen, name, endpoint)
            .ok_or_else(|| no_release(format!("version {chosen} names no tarball")))?;
        release.downloads = downloads;
        release.advisories = self.advisories(name, &chosen, endpoint).await;
        Ok(release)
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        fetch_artifact(&self.http, &self.config.credentials, artifact, max_bytes).await
    }
}

/// A name as a path: `@scope%2fname`.
fn escaped(name: &PackageName) -> String {
    name.as_str().replace('/', "%2f")
}

fn read(response: &Response) -> Result<Packument, String> {
    if response.body.is_empty() {
        return Err("it is empty".to_owned());
    }
    serde_json::from_slice(&response.body).map_err(|e| format!("no packument: {e}"))
}

fn refused(error: HttpError, name: &PackageName, endpoint: &Endpoint) -> RegistryError {
    match error {
        error if error.is_not_found() => RegistryError::NotFound {
            ecosystem: Ecosystem::Npm,
            name: name.clone(),
            indexes: vec![endpoint.url.clone()],
        },
        HttpError::Unauthorized { .. } => RegistryError::unauthorized(
            error,
            Some("an .npmrc (`//host/:_authToken=…`) or the registry's URL"),
        ),
        other => other.into(),
    }
}

/// Why there is no version: the registry keeps a note of packages that were unpublished.
fn emptiness(packument: &Packument) -> String {
    let note = packument.time.as_ref().and_then(|t| t.get("unpublished"));
    match note {
        Some(note) => match note.get("time").and_then(|t| t.as_str()) {
            Some(time) => format!("it was unpublished on {}", crate::json::clip(time)),
            None => "it was unpublished".to_owned(),
        },
        None => "the registry lists no version".to_owned(),
    }
}
