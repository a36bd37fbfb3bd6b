//! [`Registry`] for Python indexes.

use std::sync::Arc;

use async_trait::async_trait;
use foretaste_io::{Credentials, Environment, HttpClient};
use foretaste_model::metadata::{ProjectStatus, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Ecosystem, PackageName, ReleaseId};
use foretaste_registry::{Download, Endpoint, Registry, RegistryError, fetch_artifact};

use super::pages::Understood;
use super::{choose, gather, pages, provenance};
use crate::discovery::{Indexes, Settings, discover};
use crate::platform::{self, Platform};

/// How much is asked about a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Depth {
    /// The project's page, and what else is needed to know when files were uploaded.
    Page,
    /// Whatever the index tells.
    Everything,
}

/// The Python indexes of this machine.
#[derive(Clone, Debug)]
pub struct PypiRegistry {
    http: HttpClient,
    indexes: Indexes,
    credentials: Credentials,
    platform: Platform,
    understood: Arc<Understood>,
}

impl PypiRegistry {
    /// Finds the indexes, the credentials and the interpreter of this machine.
    ///
    /// # Errors
    /// When a configuration cannot be used, or none is there and no client can be asked.
    pub async fn of_machine(
        http: HttpClient,
        env: &Environment,
        settings: &Settings,
    ) -> Result<Self, RegistryError> {
        let credentials = Credentials::from_netrc(env)?;
        let (indexes, mut platform) =
            tokio::join!(discover(env, settings), platform::of_machine(env));
        if let Some(version) = &settings.python {
            platform =
                platform
                    .with_python(version)
                    .ok_or_else(|| RegistryError::Configuration {
                        path: "the Python version".to_owned(),
                        reason: format!("`{version}` is not of the form 3.12"),
                    })?;
        }
        Ok(Self::new(http, indexes?, credentials, platform))
    }

    /// A registry of these indexes; the credentials that stand in their URLs join `credentials`.
    pub fn new(
        http: HttpClient,
        indexes: Indexes,
        mut credentials: Credentials,
        platform: Platform,
    ) -> Self {
        for endpoint in &indexes.endpoints {
            if let Some(auth) = &endpoint.auth {
                // As pip and uv do: the index's credentials are good for its whole origin, where its files lie.
                let mut root = endpoint.url.url().clone();
                root.set_path("/");
                root.set_query(None);
                credentials.add(endpoint.url.url(), auth.clone());
                credentials.add(&root, auth.clone());
            }
        }
        Self {
            http,
            indexes,
            credentials,
            platform,
            understood: Arc::default(),
        }
    }

    /// The interpreter that decides what is compatible.
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// What the indexes say about a release.
    async fn look(
        &self,
        name: &PackageName,
        version: Option<&str>,
        depth: Depth,
    ) -> Result<ReleaseMetadata, RegistryError> {
        let project = pages::project(
            &self.http,
            &self.credentials,
            &self.indexes,
            name,
            &self.platform,
            &self.understood,
        )
        .await?;
        let (found, releases) = (&project.found, &project.releases);
        if releases.is_empty()
            && let Some(held) = found
                .iter()
                .find(|f| f.page.status == ProjectStatus::Quarantined)
        {
            // no file to choose from, but the registry's word is the strongest evidence there is
            let id = ReleaseId::new(Ecosystem::Pypi, name.as_str(), version.unwrap_or_default());
            let mut record = ReleaseMetadata::new(id);
            record.status = held.page.status;
            record.status_reason.clone_from(&held.page.status_reason);
            return Ok(record);
        }
        let chosen = choose::choose(releases, name, version)?;
        let needs_times = releases
            .iter()
            .flat_map(|r| &r.files)
            .any(|c| c.file.uploaded.is_none());
        // The index that offers the chosen files is the one whose word counts.
        let origin = chosen.files.iter().map(|c| c.page).min();
        let origin = origin.and_then(|page| found.get(page)).or(found.first());
        let (answers, core) = match origin {
            Some(origin) if depth == Depth::Everything || needs_times => tokio::join!(
                gather::ask_json(
                    &self.http,
                    &self.credentials,
                    origin,
                    name,
                    chosen.version.as_str(),
                    needs_times,
                ),
                async {
                    // it knows no times
                    match depth {
                        Depth::Everything => {
                            gather::core_metadata(&self.http, &self.credentials, chosen).await
                        }
                        Depth::Page => Ok(None),
                    }
                }
            ),
            _ => (gather::Answers::default(), Ok(None)),
        };
        let facts = core.as_ref().ok().and_then(Option::as_ref);
        let mut metadata = gather::assemble(name, found, releases, chosen, &answers, facts);
        metadata.problems.extend(project.problems.iter().cloned());
        if let Err(problem) = core {
            metadata.problems.push(problem.into());
        }
        if depth == Depth::Everything {
            provenance::name_publishers(&self.http, &self.credentials, releases, &mut metadata)
                .await;
        }
        Ok(metadata)
    }
}

#[async_trait]
impl Registry for PypiRegistry {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Pypi
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.indexes.endpoints
    }

    async fn lookup(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        self.look(name, version, Depth::Everything).await
    }

    async fn outline(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        self.look(name, version, Depth::Page).await
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        fetch_artifact(&self.http, &self.credentials, artifact, max_bytes).await
    }
}
