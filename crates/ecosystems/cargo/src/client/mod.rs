//! The registry client: sparse index, crate files, and the web API where there is one.

mod api;
pub(crate) mod fuzzing;
mod index;
mod select;

pub use index::{download_url, path as index_path};

use async_trait::async_trait;
use foretaste_io::{Auth, Credentials, HttpClient, HttpError, Request, SafeUrl};
use foretaste_model::facts::ArtifactKind;
use foretaste_model::metadata::{HistoryEntry, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Digest, Ecosystem, Knowledge, PackageName, ReleaseId, SkipKind, SkipReason};
use foretaste_registry::{
    Download, Endpoint, Registry, RegistryError, fetch_artifact, near_versions,
};
use serde::de::DeserializeOwned;
use url::Url;

use crate::config::CargoConfig;
use index::{Entry, IndexConfig};

/// Bytes of an index file; the largest real ones have a few MiB.
const INDEX_LIMIT: u64 = 64 << 20;

/// A cargo registry as this machine's cargo is configured to use it.
#[derive(Clone, Debug)]
pub struct CargoRegistry {
    http: HttpClient,
    config: CargoConfig,
}

/// An index that was reached: its `config.json`, and whether it wants the token.
struct Reached<'a> {
    endpoint: &'a Endpoint,
    config: IndexConfig,
    authenticated: bool,
}

impl CargoRegistry {
    /// A client for a discovered configuration; nothing is asked before the first look-up.
    pub const fn new(http: HttpClient, config: CargoConfig) -> Self {
        Self { http, config }
    }

    fn endpoint(&self) -> Result<&Endpoint, RegistryError> {
        self.config
            .endpoints
            .first()
            .ok_or_else(|| RegistryError::NotConfigured {
                ecosystem: Ecosystem::Cargo,
                hint: "name a registry in foretaste.toml".to_owned(),
            })
    }

    /// Gets `config.json`: first without the token, as cargo does, and with it if the registry asks.
    async fn reach(&self) -> Result<Reached<'_>, RegistryError> {
        let endpoint = self.endpoint()?;
        let url = join(endpoint, "config.json")?;
        let request = Request::get(url)
            .max_bytes(1 << 20)
            .auth(endpoint.auth.clone());
        let mut authenticated = false;
        let mut answer = self.http.get(request.clone()).await;
        if let Err(HttpError::Unauthorized { .. }) = &answer
            && self.config.token.is_some()
        {
            authenticated = true;
            let token = self.config.token.clone().map(Auth::Raw);
            answer = self.http.get(request.auth(token)).await;
        }
        let answer = answer.map_err(|error| match error {
            error @ HttpError::Unauthorized { .. } => unauthorized(error, endpoint),
            error => error.into(),
        })?;
        let config: IndexConfig =
            serde_json::from_slice(&answer.body).map_err(|e| RegistryError::Malformed {
                what: format!("config.json of {}", endpoint.url),
                reason: e.to_string(),
            })?;
        authenticated |= config.auth_required;
        Ok(Reached {
            endpoint,
            config,
            authenticated,
        })
    }

    /// The credentials for a URL of the registry. Those in the index's own URL stay with its origin. The token is for
    /// the registry as a whole, whose downloads and API may lie on other hosts: it goes, as it stands, to each that
    /// is encrypted, but only if the registry asks for it.
    fn auth_for(&self, reached: &Reached<'_>, url: &Url) -> Option<Auth> {
        let same_origin = url.origin() == reached.endpoint.url.url().origin();
        let own = reached.endpoint.auth.clone().filter(|_| same_origin);
        let token = self.config.token.clone().map(Auth::Raw);
        let token =
            token.filter(|_| reached.authenticated && (same_origin || url.scheme() == "https"));
        own.or(token)
    }

    fn request(&self, reached: &Reached<'_>, url: Url) -> Request {
        let auth = self.auth_for(reached, &url);
        Request::get(url).auth(auth)
    }

    /// The entries of a crate; `-` and `_` are tried for each other, as cargo does.
    async fn entries(
        &self,
        reached: &Reached<'_>,
        name: &PackageName,
    ) -> Result<(Vec<Entry>, Vec<Box<str>>), RegistryError> {
        let raw = name.as_str();
        let mut spellings = vec![raw.to_owned()];
        for other in [raw.replace('_', "-"), raw.replace('-', "_")] {
            if !spellings.contains(&other) {
                spellings.push(other);
            }
        }
        for spelling in spellings {
            let url = join(reached.endpoint, &index::path(&spelling))?;
            let request = self
                .request(reached, url)
                .accept("text/plain")
                .max_bytes(INDEX_LIMIT);
            let answer = match self.http.get(request).await {
                Ok(answer) => answer,
                Err(error) if error.is_not_found() => continue,
                // cargo reads 451 as "not found" as well
                Err(HttpError::Status { status: 451, .. }) => continue,
                Err(error @ HttpError::Unauthorized { .. }) => {
                    return Err(unauthorized(error, reached.endpoint));
                }
                Err(error) => return Err(error.into()),
            };
            let (entries, problems) = index::read(&answer.text());
            if entries.is_empty() {
                return Err(RegistryError::Malformed {
                    what: format!("the index file of {spelling} at {}", reached.endpoint.url),
                    reason: problems
                        .first()
                        .map_or_else(|| "it is empty".to_owned(), ToString::to_string),
                });
            }
            return Ok((entries, problems));
        }
        Err(RegistryError::NotFound {
            ecosystem: Ecosystem::Cargo,
            name: name.clone(),
            indexes: vec![reached.endpoint.url.clone()],
        })
    }

    /// Asks the web API; every failure is a reason, because cargo does without it.
    async fn api<T: DeserializeOwned>(
        &self,
        reached: &Reached<'_>,
        path: &str,
    ) -> Result<T, SkipReason> {
        let none = |reason: &str| SkipReason::new(SkipKind::Unsupported, reason);
        let base = reached
            .config
            .api
            .as_deref()
            .ok_or_else(|| none("the registry has no web API"))?;
        let url = format!("{}/api/v1/crates/{path}", base.trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|e| SkipReason::new(SkipKind::Failed, e.to_string()))?;
        let request = self
            .request(reached, url)
            .accept("application/json")
            .max_bytes(32 << 20)
            .optional();
        match self.http.get(request).await {
            Ok(answer) => serde_json::from_slice(&answer.body)
                .map_err(|e| SkipReason::new(SkipKind::Failed, e.to_string())),
            Err(error) if error.is_not_found() => {
                Err(none("the registry's web API does not know the crate"))
            }
            Err(error) => Err(error.skip_reason()),
        }
    }
}

#[async_trait]
impl Registry for CargoRegistry {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Cargo
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.config.endpoints
    }

    /// `version` may also be a requirement such as `1.2`.
    async fn lookup(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        let reached = self.reach().await?;
        let (entries, problems) = self.entries(&reached, name).await?;
        let chosen = select::choose(&entries, version).ok_or_else(|| {
            let wanted = version.unwrap_or("*");
            let sorted = select::ascending(&entries);
            RegistryError::NoSuchVersion {
                name: name.clone(),
                version: wanted.to_owned(),
                near: near_versions(wanted, sorted.iter().map(|e| e.vers.as_str())),
            }
        })?;
        let mut release = describe(&entries, chosen, &reached.config);
        release.problems = problems;
        let owners_path = format!("{}/owners", chosen.name);
        let (answer, owners) = tokio::join!(
            self.api(&reached, &chosen.name),
            self.api(&reached, &owners_path)
        );
        api::merge(&mut release, answer, owners);
        Ok(release)
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        let mut credentials = Credentials::none();
        if let Ok(url) = Url::parse(&artifact.url) {
            // the answer is in the cache since the look-up
            let reached = self.reach().await?;
            if let Some(auth) = self.auth_for(&reached, &url) {
                credentials.add(&url, auth);
            }
        }
        fetch_artifact(&self.http, &credentials, artifact, max_bytes).await
    }
}

/// What the index says about a release.
fn describe(entries: &[Entry], chosen: &Entry, config: &IndexConfig) -> ReleaseMetadata {
    let id = ReleaseId::new(Ecosystem::Cargo, &chosen.name, &chosen.vers);
    let mut release = ReleaseMetadata::new(id);
    release.dependencies = Knowledge::Known(
        chosen
            .deps
            .iter()
            .map(index::EntryDependency::to_model)
            .collect(),
    );
    release.scripts = Knowledge::skip(SkipKind::NotApplicable, "crates have no scripts");
    release.history = history(entries);
    let this = release.this();
    release.artifacts = vec![RemoteArtifact {
        filename: format!("{}-{}.crate", chosen.name, chosen.vers).into(),
        url: without_user(&index::download_url(
            &config.dl,
            &chosen.name,
            &chosen.vers,
            &chosen.cksum,
        )),
        digests: format!("sha256:{}", chosen.cksum)
            .parse::<Digest>()
            .into_iter()
            .collect(),
        size: None,
        uploaded: this.and_then(|h| h.published),
        yanked: this.and_then(|h| h.yanked.clone()),
        kind: ArtifactKind::Crate,
        compatible: true,
        provenance: None,
    }];
    release
}

fn history(entries: &[Entry]) -> Vec<HistoryEntry> {
    let mut history: Vec<HistoryEntry> = select::ascending(entries)
        .into_iter()
        .map(|entry| HistoryEntry {
            published: entry.pubtime.as_deref().and_then(|t| t.parse().ok()),
            yanked: entry.yanked.then(|| "".into()),
            ..HistoryEntry::new(&entry.vers)
        })
        .collect();
    if history.iter().all(|h| h.published.is_some()) {
        // the sort is stable: version order stays among entries of one time
        history.sort_by_key(|h| h.published);
    }
    history
}

fn without_user(url: &str) -> Box<str> {
    Url::parse(url).map_or_else(|_| url.into(), |u| SafeUrl::new(u).url().as_str().into())
}

fn join(endpoint: &Endpoint, path: &str) -> Result<Url, RegistryError> {
    endpoint
        .url
        .url()
        .join(path)
        .map_err(|e| RegistryError::Malformed {
            what: format!("the path {path} below {}", endpoint.url),
            reason: e.to_string(),
        })
}

fn unauthorized(error: HttpError, endpoint: &Endpoint) -> RegistryError {
    let name = endpoint.name.as_deref().unwrap_or("<name>");
    let variable = name.to_uppercase().replace('-', "_");
    let places = format!("`CARGO_REGISTRIES_{variable}_TOKEN` or cargo's credentials.toml");
    RegistryError::unauthorized(error, Some(&places))
}
