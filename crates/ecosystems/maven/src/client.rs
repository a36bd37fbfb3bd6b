//! The registry client: a Maven repository (<https://maven.apache.org/repositories/layout.html>).

use async_trait::async_trait;
use foretaste_io::HttpClient;
use foretaste_markup::xml;
use foretaste_model::facts::ArtifactKind;
use foretaste_model::metadata::{HistoryEntry, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Digest, Ecosystem, Knowledge, PackageName, ReleaseId};
use foretaste_registry::{
    Download, Endpoint, Registry, RegistryError, Sources, choose, fetch_artifact, is_not_found,
    near_versions,
};

use crate::version::{MavenVersion, sorted};

/// Maven repositories as this machine's Maven is configured to use them.
#[derive(Clone, Debug)]
pub struct MavenRegistry {
    http: HttpClient,
    sources: Sources,
}

impl MavenRegistry {
    /// A client; nothing is asked before the first look-up.
    pub const fn new(http: HttpClient, sources: Sources) -> Self {
        Self { http, sources }
    }

    async fn text(&self, endpoint: &Endpoint, path: &str) -> Result<String, RegistryError> {
        let answer = self.sources.get(&self.http, endpoint, path).await?;
        Ok(answer.text().into_owned())
    }

    async fn ask(
        &self,
        endpoint: &Endpoint,
        name: &PackageName,
        wanted: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        let (group, artifact) = name.as_str().split_once(':').unwrap_or(("", name.as_str()));
        let base = format!("{}/{artifact}", group.replace('.', "/"));
        let metadata = xml(&self
            .text(endpoint, &format!("{base}/maven-metadata.xml"))
            .await?);
        let listed = metadata
            .below("metadata/versioning/versions")
            .map(|(_, e)| MavenVersion::new(&e.value));
        let versions = sorted(listed, |v| v);
        let chosen = choose(
            &versions,
            wanted,
            |v, wanted| v.to_string() == wanted || v.compare(&MavenVersion::new(wanted)).is_eq(),
            |v| !v.is_prerelease(),
        );
        let Some(chosen) = chosen else {
            let version = wanted.unwrap_or("*").to_owned();
            let spelled: Vec<String> = versions.iter().map(ToString::to_string).collect();
            return Err(RegistryError::NoSuchVersion {
                near: near_versions(&version, spelled.iter().map(String::as_str)),
                name: name.clone(),
                version,
            });
        };
        let version = chosen.to_string();
        let folder = format!("{base}/{version}");
        let build = if chosen.is_snapshot() {
            self.snapshot(endpoint, &folder, &version).await?
        } else {
            version.clone()
        };
        let mut release =
            ReleaseMetadata::new(ReleaseId::new(Ecosystem::Maven, name.as_str(), &version));
        release.history = versions
            .iter()
            .map(|v| HistoryEntry::new(&v.to_string()))
            .collect();
        let stem = format!("{folder}/{artifact}-{build}");
        match self.text(endpoint, &format!("{stem}.pom")).await {
            Ok(text) => {
                let (facts, problems) = crate::observe(&text);
                release.summary = facts.summary;
                release.homepage = facts.homepage;
                release.repository = facts.repository;
                release.license = facts.license;
                release.authors = Knowledge::Known(facts.people);
                release.dependencies = Knowledge::Known(facts.dependencies);
                release
                    .problems
                    .extend(problems.into_iter().map(|p| p.message));
            }
            Err(error) => release.dependencies = Knowledge::Skipped(error.skip_reason()),
        }
        let path = format!("{stem}.jar");
        let url = endpoint
            .url
            .url()
            .join(&path)
            .map_err(|e| RegistryError::Malformed {
                what: path.clone(),
                reason: e.to_string(),
            })?;
        release.artifacts = vec![RemoteArtifact {
            filename: format!("{artifact}-{build}.jar").into(),
            url: url.as_str().into(),
            digests: self.digests(endpoint, &path).await,
            size: None,
            uploaded: None,
            yanked: None,
            kind: ArtifactKind::Jar,
            compatible: true,
            provenance: None,
        }];
        Ok(release)
    }

    /// The newest build of a snapshot: its files carry time and number instead of `SNAPSHOT`.
    async fn snapshot(
        &self,
        endpoint: &Endpoint,
        folder: &str,
        version: &str,
    ) -> Result<String, RegistryError> {
        let metadata = xml(&self
            .text(endpoint, &format!("{folder}/maven-metadata.xml"))
            .await?);
        let part = |name: &str| metadata.text(&format!("metadata/versioning/snapshot/{name}"));
        Ok(match (part("timestamp"), part("buildNumber")) {
            (Some(time), Some(number)) => {
                let end = version.len().saturating_sub("SNAPSHOT".len());
                format!("{}{time}-{number}", version.get(..end).unwrap_or(version))
            }
            _ => version.to_owned(),
        })
    }

    /// The strongest checksum file, and the older ones if there is no strong one.
    async fn digests(&self, endpoint: &Endpoint, path: &str) -> Vec<Digest> {
        for algorithm in ["sha512", "sha256", "sha1", "md5"] {
            if let Ok(text) = self.text(endpoint, &format!("{path}.{algorithm}")).await
                && let Some(value) = text.split_whitespace().next()
                && let Ok(digest) = format!("{algorithm}:{value}").parse()
            {
                return vec![digest];
            }
        }
        Vec::new()
    }
}

#[async_trait]
impl Registry for MavenRegistry {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Maven
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
            match self.ask(endpoint, name, version).await {
                Err(error) if is_not_found(&error) => {}
                other => return other,
            }
        }
        Err(self.sources.not_found(Ecosystem::Maven, name))
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        fetch_artifact(&self.http, &self.sources.credentials, artifact, max_bytes).await
    }
}
