//! The registry client: the module proxy protocol (<https://go.dev/ref/mod#goproxy-protocol>).

use async_trait::async_trait;
use foretaste_io::HttpClient;
use foretaste_model::facts::ArtifactKind;
use foretaste_model::metadata::{HistoryEntry, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Ecosystem, Knowledge, PackageName, ReleaseId};
use foretaste_registry::{
    Download, Endpoint, Registry, RegistryError, Sources, choose, fetch_artifact, is_not_found,
    near_versions,
};
use jiff::Timestamp;
use serde::Deserialize;

use crate::GoVersion;
use crate::config::{GoConfig, escaped};

/// Versions around the chosen one whose times are asked for, one question each.
const TIMES: usize = 8;

/// Module proxies as this machine's go is configured to use them.
#[derive(Clone, Debug)]
pub struct GoRegistry {
    http: HttpClient,
    config: GoConfig,
}

/// `.info` and `@latest`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Info {
    version: String,
    time: Option<String>,
}

impl GoRegistry {
    /// A client; nothing is asked before the first look-up.
    pub const fn new(http: HttpClient, config: GoConfig) -> Self {
        Self { http, config }
    }

    const fn sources(&self) -> &Sources {
        &self.config.sources
    }

    async fn get(&self, endpoint: &Endpoint, path: &str) -> Result<String, RegistryError> {
        let answer = self.sources().get(&self.http, endpoint, path).await?;
        Ok(answer.text().into_owned())
    }

    async fn info(&self, endpoint: &Endpoint, path: &str) -> Result<Info, RegistryError> {
        let text = self.get(endpoint, path).await?;
        serde_json::from_str(&text).map_err(|e| RegistryError::Malformed {
            what: format!("{path} of {}", endpoint.url),
            reason: e.to_string(),
        })
    }

    async fn ask(
        &self,
        endpoint: &Endpoint,
        name: &PackageName,
        wanted: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        let base = escaped(name.as_str());
        let list = self.get(endpoint, &format!("{base}/@v/list")).await?;
        let read = |text: &str| text.parse::<GoVersion>().ok();
        let mut versions: Vec<&str> = list
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|v| read(v).is_some())
            .collect();
        versions.sort_by_cached_key(|v| read(v));
        let listed = choose(
            &versions,
            wanted,
            |v, wanted| read(v) == read(wanted),
            |v| read(v).is_some_and(|v| !v.is_prerelease()),
        );
        let chosen = match (listed, wanted) {
            (Some(version), _) => (*version).to_owned(),
            (None, None) => {
                self.info(endpoint, &format!("{base}/@latest"))
                    .await?
                    .version
            }
            // a pseudo-version, a branch or a commit
            (None, Some(wanted)) => {
                let path = format!("{base}/@v/{}.info", escaped(wanted));
                self.info(endpoint, &path)
                    .await
                    .map_err(|error| {
                        if is_not_found(&error) {
                            RegistryError::NoSuchVersion {
                                name: name.clone(),
                                version: wanted.to_owned(),
                                near: near_versions(wanted, versions.iter().copied()),
                            }
                        } else {
                            error
                        }
                    })?
                    .version
            }
        };
        if !versions.contains(&&*chosen) {
            let at = versions.partition_point(|v| read(v) < read(&chosen));
            versions.insert(at, &chosen);
        }
        self.describe(endpoint, name, &chosen, &versions).await
    }

    async fn describe(
        &self,
        endpoint: &Endpoint,
        name: &PackageName,
        chosen: &str,
        versions: &[&str],
    ) -> Result<ReleaseMetadata, RegistryError> {
        let base = format!("{}/@v", escaped(name.as_str()));
        let mut release =
            ReleaseMetadata::new(ReleaseId::new(Ecosystem::Go, name.as_str(), chosen));
        let at = versions.iter().position(|v| *v == chosen).unwrap_or(0);
        for (i, version) in versions.iter().enumerate() {
            let pseudo = version
                .parse::<GoVersion>()
                .ok()
                .and_then(|v| v.pseudo().map(|(time, _)| time));
            let mut published: Option<Timestamp> = pseudo;
            if published.is_none() && i <= at && at - i < TIMES {
                let path = format!("{base}/{}.info", escaped(version));
                let info = self.info(endpoint, &path).await;
                published = info.ok().and_then(|i| i.time?.parse().ok());
            }
            release.history.push(HistoryEntry {
                published,
                ..HistoryEntry::new(version)
            });
        }
        let escaped_version = escaped(chosen);
        match self
            .get(endpoint, &format!("{base}/{escaped_version}.mod"))
            .await
        {
            Ok(text) => {
                let (facts, problems) = crate::observe(&text);
                release.repository = facts.repository;
                release.dependencies = Knowledge::Known(facts.dependencies);
                release
                    .problems
                    .extend(problems.into_iter().map(|p| p.message));
            }
            Err(error) => release.dependencies = Knowledge::Skipped(error.skip_reason()),
        }
        let path = format!("{base}/{escaped_version}.zip");
        let url = endpoint
            .url
            .url()
            .join(&path)
            .map_err(|e| RegistryError::Malformed {
                what: path,
                reason: e.to_string(),
            })?;
        let last = name.as_str().rsplit('/').next().unwrap_or("module");
        release.artifacts = vec![RemoteArtifact {
            filename: format!("{last}@{chosen}.zip").into(),
            url: url.as_str().into(),
            // go.sum and the checksum database hash the tree, not the file
            digests: Vec::new(),
            size: None,
            uploaded: release.published(),
            yanked: None,
            kind: ArtifactKind::GoModule,
            compatible: true,
            provenance: None,
        }];
        Ok(release)
    }
}

#[async_trait]
impl Registry for GoRegistry {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Go
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.config.sources.endpoints
    }

    /// Modules that `GOPRIVATE` or `GONOPROXY` names are never asked for.
    async fn lookup(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        if self.config.is_private(name.as_str()) {
            return Err(RegistryError::NotConfigured {
                ecosystem: Ecosystem::Go,
                hint: format!(
                    "`GOPRIVATE` or `GONOPROXY` keeps {name} from every proxy; audit its folder instead"
                ),
            });
        }
        for endpoint in &self.config.sources.endpoints {
            match self.ask(endpoint, name, version).await {
                Err(error) if is_not_found(&error) => {}
                other => return other,
            }
        }
        Err(self.sources().not_found(Ecosystem::Go, name))
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        fetch_artifact(&self.http, &self.sources().credentials, artifact, max_bytes).await
    }
}
