//! The registry client: the compact index, gems, and the web API where there is one.

use async_trait::async_trait;
use foretaste_io::HttpClient;
use foretaste_model::facts::ArtifactKind;
use foretaste_model::manifest::Person;
use foretaste_model::metadata::{HistoryEntry, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Ecosystem, Knowledge, PackageName, ReleaseId};
use foretaste_registry::{
    Download, Endpoint, Registry, RegistryError, Sources, choose, fetch_artifact, is_not_found,
    near_versions,
};
use serde::Deserialize;

use crate::GemVersion;
use crate::info::{self, Line};

/// Gem servers as this machine's clients are configured to use them.
#[derive(Clone, Debug)]
pub struct GemRegistry {
    http: HttpClient,
    sources: Sources,
}

/// One element of `/api/v1/versions/<name>.json`.
#[derive(Debug, Deserialize)]
struct ApiVersion {
    number: String,
    created_at: Option<String>,
    summary: Option<String>,
    authors: Option<String>,
    licenses: Option<Vec<String>>,
}

impl GemRegistry {
    /// A client; nothing is asked before the first look-up.
    pub const fn new(http: HttpClient, sources: Sources) -> Self {
        Self { http, sources }
    }

    async fn describe(
        &self,
        endpoint: &Endpoint,
        name: &PackageName,
        wanted: Option<&str>,
        text: &str,
    ) -> Result<ReleaseMetadata, RegistryError> {
        let (mut lines, problems) = info::read(text);
        lines.sort_by_cached_key(|line| line.number.parse::<GemVersion>().ok());
        let parsed = |text: &str| text.parse::<GemVersion>().ok();
        let chosen = choose(
            &lines,
            wanted,
            |line, wanted| *line.number == *wanted || parsed(&line.number) == parsed(wanted),
            |line| parsed(&line.number).is_some_and(|v| !v.is_prerelease()),
        );
        let Some(chosen) = chosen else {
            let version = wanted.unwrap_or("*").to_owned();
            return Err(RegistryError::NoSuchVersion {
                near: near_versions(&version, lines.iter().map(|l| &*l.number)),
                name: name.clone(),
                version,
            });
        };
        // a gem that is built for a platform may depend on less than the one for every ruby
        let plain = lines
            .iter()
            .find(|l| l.number == chosen.number && &*l.platform == "ruby");
        let chosen = plain.unwrap_or(chosen);
        let id = ReleaseId::new(Ecosystem::RubyGems, name.as_str(), &chosen.number);
        let mut release = ReleaseMetadata::new(id);
        release.problems = problems;
        release.dependencies = Knowledge::Known(chosen.to_model());
        for line in &lines {
            if release
                .history
                .last()
                .is_none_or(|h| h.version != line.number)
            {
                release.history.push(HistoryEntry {
                    published: line.created.as_deref().and_then(|t| t.parse().ok()),
                    ..HistoryEntry::new(&line.number)
                });
            }
        }
        let same: Vec<&Line> = lines.iter().filter(|l| l.number == chosen.number).collect();
        let any_ruby = same.iter().any(|l| &*l.platform == "ruby");
        for line in same {
            release
                .artifacts
                .extend(artifact(endpoint, name, line, any_ruby));
        }
        self.api(endpoint, name, &mut release).await;
        if release.history.iter().all(|h| h.published.is_some()) {
            release.history.sort_by_key(|h| h.published);
        }
        Ok(release)
    }

    /// Adds what the web API tells; clients do without it.
    async fn api(&self, endpoint: &Endpoint, name: &PackageName, release: &mut ReleaseMetadata) {
        let path = format!("api/v1/versions/{name}.json");
        let Ok(answer) = self.sources.get(&self.http, endpoint, &path).await else {
            return;
        };
        let Ok(versions) = serde_json::from_slice::<Vec<ApiVersion>>(&answer.body) else {
            release
                .problems
                .push("the list of versions of the web API cannot be read".into());
            return;
        };
        for version in versions {
            if *version.number == *release.id.version {
                release.summary = version.summary.as_deref().map(Into::into);
                release.license = version
                    .licenses
                    .as_ref()
                    .and_then(|l| Some(l.first()?.as_str().into()));
                let authors = version
                    .authors
                    .as_deref()
                    .unwrap_or("")
                    .split(',')
                    .map(str::trim);
                release.authors = Knowledge::Known(
                    authors
                        .filter(|a| !a.is_empty())
                        .take(64)
                        .map(|a| Person {
                            name: Some(a.into()),
                            email: None,
                        })
                        .collect(),
                );
            }
            let entry = release
                .history
                .iter_mut()
                .find(|h| *h.version == *version.number);
            if let Some(entry) = entry.filter(|h| h.published.is_none()) {
                entry.published = version.created_at.as_deref().and_then(|t| t.parse().ok());
            }
        }
    }
}

fn artifact(
    endpoint: &Endpoint,
    name: &PackageName,
    line: &Line,
    any_ruby: bool,
) -> Option<RemoteArtifact> {
    let plain = &*line.platform == "ruby";
    let filename = if plain {
        format!("{name}-{}.gem", line.number)
    } else {
        format!("{name}-{}-{}.gem", line.number, line.platform)
    };
    let url = endpoint.url.url().join(&format!("gems/{filename}")).ok()?;
    let checksum = line.checksum.as_deref().unwrap_or("");
    Some(RemoteArtifact {
        filename: filename.into(),
        url: url.as_str().into(),
        digests: format!("sha256:{checksum}").parse().into_iter().collect(),
        size: None,
        uploaded: None,
        yanked: None,
        kind: ArtifactKind::Gem,
        compatible: plain || !any_ruby,
        provenance: None,
    })
}

#[async_trait]
impl Registry for GemRegistry {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::RubyGems
    }

    fn endpoints(&self) -> &[Endpoint] {
        &self.sources.endpoints
    }

    async fn lookup(
        &self,
        name: &PackageName,
        version: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        for endpoint in &self.sources.endpoints {
            match self
                .sources
                .get(&self.http, endpoint, &format!("info/{name}"))
                .await
            {
                Ok(answer) => return self.describe(endpoint, name, version, &answer.text()).await,
                Err(error) if is_not_found(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.sources.not_found(Ecosystem::RubyGems, name))
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        fetch_artifact(&self.http, &self.sources.credentials, artifact, max_bytes).await
    }
}
