//! The registry client: service index, registrations and packages of NuGet's protocol, version 3
//! (<https://learn.microsoft.com/nuget/api/overview>).

use async_trait::async_trait;
use base64::Engine as _;
use foretaste_io::HttpClient;
use foretaste_model::facts::ArtifactKind;
use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource, Person};
use foretaste_model::metadata::{HistoryEntry, ProjectStatus, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Digest, Ecosystem, Knowledge, PackageName, ReleaseId, SkipKind};
use foretaste_registry::{
    Download, Endpoint, Registry, RegistryError, Sources, choose, fetch_artifact, is_not_found,
    near_versions,
};
use serde_json::Value;
use url::Url;

use crate::NuGetVersion;

/// Pages of a registration that are read.
const MAX_PAGES: usize = 256;

/// NuGet sources as this machine's clients are configured to use them.
#[derive(Clone, Debug)]
pub struct NuGetRegistry {
    http: HttpClient,
    sources: Sources,
}

/// One version as a registration lists it.
struct Leaf {
    version: NuGetVersion,
    entry: Value,
    content: String,
}

impl NuGetRegistry {
    /// A client; nothing is asked before the first look-up.
    pub const fn new(http: HttpClient, sources: Sources) -> Self {
        Self { http, sources }
    }

    async fn json(&self, url: Url) -> Result<Value, RegistryError> {
        let what = url.path().to_owned();
        let answer = self.sources.get_url(&self.http, url).await?;
        serde_json::from_slice(&answer.body).map_err(|e| RegistryError::Malformed {
            what,
            reason: e.to_string(),
        })
    }

    /// The registration with semantic versions 2 and compression, else the plain one.
    async fn registrations(&self, endpoint: &Endpoint) -> Result<Url, RegistryError> {
        let index = self.json(endpoint.url.url().clone()).await?;
        let mut best: Option<(usize, &str)> = None;
        for resource in index["resources"].as_array().into_iter().flatten() {
            let kind = resource["@type"].as_str().unwrap_or("");
            let rank = [
                "RegistrationsBaseUrl",
                "RegistrationsBaseUrl/3.4.0",
                "RegistrationsBaseUrl/3.6.0",
                "RegistrationsBaseUrl/Versioned",
            ]
            .iter()
            .position(|known| *known == kind);
            if let (Some(rank), Some(url)) = (rank, resource["@id"].as_str())
                && best.is_none_or(|(other, _)| rank > other)
            {
                best = Some((rank, url));
            }
        }
        let url = best.map(|(_, url)| format!("{}/", url.trim_end_matches('/')));
        let url = url.and_then(|url| endpoint.url.url().join(&url).ok());
        url.ok_or_else(|| RegistryError::Malformed {
            what: format!("the service index {}", endpoint.url),
            reason: "it names no `RegistrationsBaseUrl`".to_owned(),
        })
    }

    async fn leaves(
        &self,
        endpoint: &Endpoint,
        name: &PackageName,
    ) -> Result<Vec<Leaf>, RegistryError> {
        let base = self.registrations(endpoint).await?;
        let join = |base: &Url, path: &str| {
            base.join(path).map_err(|e| RegistryError::Malformed {
                what: format!("a page of {name}"),
                reason: e.to_string(),
            })
        };
        let url = join(&base, &format!("{name}/index.json"))?;
        let index = self.json(url.clone()).await?;
        let mut leaves = Vec::new();
        for page in index["items"]
            .as_array()
            .into_iter()
            .flatten()
            .take(MAX_PAGES)
        {
            let fetched;
            let mut items = &page["items"];
            if !items.is_array()
                && let Some(id) = page["@id"].as_str()
            {
                fetched = self.json(join(&url, id)?).await?;
                items = &fetched["items"];
            }
            for item in items.as_array().into_iter().flatten() {
                let entry = &item["catalogEntry"];
                let version = entry["version"].as_str().unwrap_or("");
                if let Ok(version) = version.parse() {
                    let content = item["packageContent"]
                        .as_str()
                        .or_else(|| entry["packageContent"].as_str());
                    let content = content
                        .and_then(|c| url.join(c).ok())
                        .map_or_else(String::new, Into::into);
                    leaves.push(Leaf {
                        version,
                        entry: entry.clone(),
                        content,
                    });
                }
            }
        }
        leaves.sort_by(|a, b| a.version.cmp(&b.version));
        Ok(leaves)
    }

    async fn describe(
        &self,
        name: &PackageName,
        leaves: &[Leaf],
        wanted: Option<&str>,
    ) -> Result<ReleaseMetadata, RegistryError> {
        let listed = |leaf: &Leaf| leaf.entry["listed"].as_bool().unwrap_or(true);
        let chosen = choose(
            leaves,
            wanted,
            |leaf, wanted| {
                wanted
                    .parse()
                    .is_ok_and(|w: NuGetVersion| w == leaf.version)
            },
            |leaf| listed(leaf) && !leaf.version.is_prerelease(),
        );
        let spelled: Vec<String> = leaves.iter().map(|l| l.version.normalized()).collect();
        let Some(leaf) = chosen else {
            let version = wanted.unwrap_or("*").to_owned();
            return Err(RegistryError::NoSuchVersion {
                near: near_versions(&version, spelled.iter().map(String::as_str)),
                name: name.clone(),
                version,
            });
        };
        let version = leaf.version.normalized();
        let mut release =
            ReleaseMetadata::new(ReleaseId::new(Ecosystem::NuGet, name.as_str(), &version));
        let entry = &leaf.entry;
        let text = |key: &str| {
            let text = entry[key]
                .as_str()
                .map(str::trim)
                .filter(|t| !t.is_empty())?;
            Some(Box::<str>::from(
                text.get(..text.floor_char_boundary(4 << 10))?,
            ))
        };
        release.display_name = text("id").unwrap_or(release.display_name);
        release.summary = text("summary").or_else(|| text("description"));
        release.license = text("licenseExpression").or_else(|| text("licenseUrl"));
        release.homepage = text("projectUrl");
        let authors = entry["authors"]
            .as_str()
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
        release.dependencies = Knowledge::Known(dependencies(entry));
        if entry["deprecation"].is_object() {
            release.status = ProjectStatus::Deprecated;
            release.status_reason = entry["deprecation"]["message"].as_str().map(Into::into);
        }
        release.history = leaves
            .iter()
            .map(|leaf| HistoryEntry {
                // an unlisted package has the year 1900
                published: leaf.entry["published"]
                    .as_str()
                    .filter(|t| !t.starts_with("1900"))
                    .and_then(|t| t.parse().ok()),
                yanked: (!listed(leaf)).then(|| "unlisted".into()),
                ..HistoryEntry::new(&leaf.version.normalized())
            })
            .collect();
        release.artifacts = vec![RemoteArtifact {
            filename: format!("{name}.{version}.nupkg").into(),
            url: leaf.content.as_str().into(),
            digests: self.digests(entry, &mut release.problems).await,
            size: entry["packageSize"].as_u64(),
            uploaded: release.published(),
            yanked: (!listed(leaf)).then(|| "unlisted".into()),
            kind: ArtifactKind::Nupkg,
            compatible: true,
            provenance: None,
        }];
        release.scripts = Knowledge::skip(
            SkipKind::NotApplicable,
            "packages have no scripts in the registry",
        );
        Ok(release)
    }

    /// The hash stands in the catalog, one question away.
    async fn digests(&self, entry: &Value, problems: &mut Vec<Box<str>>) -> Vec<Digest> {
        let mut holder = entry.clone();
        if !holder["packageHash"].is_string()
            && let Some(url) = entry["@id"].as_str().and_then(|id| Url::parse(id).ok())
        {
            match self.json(url).await {
                Ok(leaf) => holder = leaf,
                Err(error) => problems.push(format!("the hash could not be read: {error}").into()),
            }
        }
        let hash = holder["packageHash"].as_str().unwrap_or("");
        let algorithm = holder["packageHashAlgorithm"].as_str().unwrap_or("SHA512");
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(hash)
            .unwrap_or_default();
        format!("{algorithm}:{}", hex::encode(bytes))
            .parse()
            .into_iter()
            .collect()
    }
}

fn dependencies(entry: &Value) -> Vec<Dependency> {
    let mut found = Vec::new();
    for group in entry["dependencyGroups"]
        .as_array()
        .into_iter()
        .flatten()
        .take(256)
    {
        let framework = group["targetFramework"].as_str().unwrap_or("");
        for dependency in group["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .take(1_000)
        {
            found.push(Dependency {
                name: dependency["id"].as_str().unwrap_or("").into(),
                requirement: dependency["range"].as_str().unwrap_or("").into(),
                kind: DependencyKind::Run,
                source: DependencySource::Registry,
                condition: framework.into(),
                span: None,
            });
        }
    }
    found
}

#[async_trait]
impl Registry for NuGetRegistry {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::NuGet
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
            match self.leaves(endpoint, name).await {
                Ok(leaves) => return self.describe(name, &leaves, version).await,
                Err(error) if is_not_found(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.sources.not_found(Ecosystem::NuGet, name))
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        fetch_artifact(&self.http, &self.sources.credentials, artifact, max_bytes).await
    }
}
