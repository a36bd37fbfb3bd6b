//! The registry client: composer repositories, version 2 (<https://getcomposer.org/doc/05-repositories.md#composer>).

use async_trait::async_trait;
use foretaste_io::HttpClient;
use foretaste_model::facts::ArtifactKind;
use foretaste_model::manifest::{Dependency, DependencyKind, DependencySource, Person};
use foretaste_model::metadata::{HistoryEntry, ProjectStatus, ReleaseMetadata, RemoteArtifact};
use foretaste_model::{Ecosystem, Knowledge, PackageName, ReleaseId};
use foretaste_registry::{
    Download, Endpoint, Registry, RegistryError, Sources, choose, fetch_artifact, is_not_found,
    near_versions,
};
use serde_json::{Map, Value};

use crate::ComposerVersion;

/// Composer repositories as this machine's composer is configured to use them.
#[derive(Clone, Debug)]
pub struct ComposerRegistry {
    http: HttpClient,
    sources: Sources,
}

/// One version, expanded.
struct Entry {
    version: ComposerVersion,
    fields: Map<String, Value>,
}

impl Entry {
    fn text(&self, key: &str) -> Option<&str> {
        self.fields
            .get(key)?
            .as_str()
            .map(str::trim)
            .filter(|t| !t.is_empty())
    }

    fn spelled(&self) -> &str {
        self.text("version").unwrap_or("")
    }
}

impl ComposerRegistry {
    /// A client; nothing is asked before the first look-up.
    pub const fn new(http: HttpClient, sources: Sources) -> Self {
        Self { http, sources }
    }

    async fn json(&self, endpoint: &Endpoint, path: &str) -> Result<Value, RegistryError> {
        let answer = self.sources.get(&self.http, endpoint, path).await?;
        serde_json::from_slice(&answer.body).map_err(|e| RegistryError::Malformed {
            what: format!("{path} of {}", endpoint.url),
            reason: e.to_string(),
        })
    }

    /// Stable versions from `p2/vendor/name.json`, branches from `~dev`, if one is wanted.
    async fn entries(
        &self,
        endpoint: &Endpoint,
        name: &PackageName,
        wanted: Option<&str>,
    ) -> Result<Vec<Entry>, RegistryError> {
        let root = self.json(endpoint, "packages.json").await?;
        let Some(template) = root["metadata-url"].as_str() else {
            // a repository that lists everything in one file
            return Ok(expand(&root["packages"][name.as_str()]));
        };
        let branch =
            wanted.is_some_and(|w| w.parse::<ComposerVersion>().is_ok_and(|v| v.is_branch()));
        let mut entries = Vec::new();
        let suffixes: &[&str] = if branch { &["", "~dev"] } else { &[""] };
        for suffix in suffixes {
            let path = template.replace("%package%", &format!("{name}{suffix}"));
            let page = self.json(endpoint, &path).await?;
            entries.extend(expand(&page["packages"][name.as_str()]));
        }
        entries.sort_by(|a, b| a.version.cmp(&b.version));
        Ok(entries)
    }
}

/// Undoes `composer/2.0` minification: each version repeats the one before but for the fields that it names, and
/// `__unset` takes one away. Full lists and tables read the same.
fn expand(list: &Value) -> Vec<Entry> {
    let table = list.as_object().into_iter().flat_map(|o| o.values());
    let items = list.as_array().into_iter().flatten().chain(table);
    let minified = list
        .as_array()
        .is_some_and(|l| l.iter().skip(1).any(|v| v.get("name").is_none()));
    let mut current = Map::new();
    let mut entries = Vec::new();
    for fields in items.filter_map(Value::as_object) {
        if !minified {
            current.clear();
        }
        for (key, value) in fields {
            if value.as_str() == Some("__unset") {
                current.remove(key);
            } else {
                current.insert(key.clone(), value.clone());
            }
        }
        let version = current.get("version").and_then(Value::as_str).unwrap_or("");
        if let Ok(version) = version.parse() {
            entries.push(Entry {
                version,
                fields: current.clone(),
            });
        }
    }
    entries
}

fn describe(
    name: &PackageName,
    entries: &[Entry],
    wanted: Option<&str>,
) -> Result<ReleaseMetadata, RegistryError> {
    let chosen = choose(
        entries,
        wanted,
        |entry, wanted| {
            entry.spelled() == wanted
                || wanted
                    .parse()
                    .is_ok_and(|w: ComposerVersion| w == entry.version)
        },
        |entry| !entry.version.is_prerelease(),
    );
    let Some(entry) = chosen else {
        let version = wanted.unwrap_or("*").to_owned();
        return Err(RegistryError::NoSuchVersion {
            near: near_versions(&version, entries.iter().map(Entry::spelled)),
            name: name.clone(),
            version,
        });
    };
    let id = ReleaseId::new(Ecosystem::Packagist, name.as_str(), entry.spelled());
    let mut release = ReleaseMetadata::new(id);
    release.summary = entry.text("description").map(Into::into);
    release.homepage = entry.text("homepage").map(Into::into);
    let field = |key: &str| entry.fields.get(key).unwrap_or(&Value::Null);
    release.license = field("license")[0].as_str().map(Into::into);
    release.repository = field("source")["url"].as_str().map(Into::into);
    let authors = field("authors").as_array().into_iter().flatten().take(64);
    release.authors = Knowledge::Known(
        authors
            .map(|a| Person {
                name: a["name"].as_str().map(Into::into),
                email: a["email"].as_str().map(Into::into),
            })
            .collect(),
    );
    if !matches!(field("abandoned"), Value::Null | Value::Bool(false)) {
        release.status = ProjectStatus::Deprecated;
        let other = field("abandoned").as_str();
        release.status_reason = other.map(|o| format!("abandoned; use {o}").into());
    }
    release.dependencies = Knowledge::Known(
        [
            ("require", DependencyKind::Run),
            ("require-dev", DependencyKind::Dev),
        ]
        .into_iter()
        .flat_map(|(key, kind)| dependencies(field(key), kind))
        .collect(),
    );
    release.history = entries
        .iter()
        .map(|entry| HistoryEntry {
            published: entry.text("time").and_then(|t| t.parse().ok()),
            ..HistoryEntry::new(entry.spelled())
        })
        .collect();
    if release.history.iter().all(|h| h.published.is_some()) {
        release.history.sort_by_key(|h| h.published);
    }
    let dist = field("dist");
    let (Some("zip"), Some(url)) = (dist["type"].as_str(), dist["url"].as_str()) else {
        return Err(RegistryError::NoRelease {
            name: name.clone(),
            reason: format!(
                "{} has no zip archive (`dist`), only sources",
                entry.spelled()
            ),
        });
    };
    let shasum = dist["shasum"].as_str().unwrap_or("");
    release.artifacts = vec![RemoteArtifact {
        filename: format!(
            "{}-{}.zip",
            name.as_str().replace('/', "-"),
            entry.spelled().replace('/', "-")
        )
        .into(),
        url: url.into(),
        digests: format!("sha1:{shasum}").parse().into_iter().collect(),
        size: None,
        uploaded: release.published(),
        yanked: None,
        kind: ArtifactKind::ComposerDist,
        compatible: true,
        provenance: None,
    }];
    Ok(release)
}

fn dependencies(table: &Value, kind: DependencyKind) -> Vec<Dependency> {
    let members = table.as_object().into_iter().flatten();
    members
        .filter(|(name, _)| name.contains('/'))
        .map(|(name, requirement)| Dependency {
            name: name.to_lowercase().into(),
            requirement: requirement.as_str().unwrap_or("").into(),
            kind,
            source: DependencySource::Registry,
            condition: "".into(),
            span: None,
        })
        .collect()
}

#[async_trait]
impl Registry for ComposerRegistry {
    fn ecosystem(&self) -> Ecosystem {
        Ecosystem::Packagist
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
            match self.entries(endpoint, name, version).await {
                Ok(entries) if entries.is_empty() => {}
                Ok(entries) => return describe(name, &entries, version),
                Err(error) if is_not_found(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Err(self.sources.not_found(Ecosystem::Packagist, name))
    }

    async fn download(
        &self,
        artifact: &RemoteArtifact,
        max_bytes: u64,
    ) -> Result<Download, RegistryError> {
        fetch_artifact(&self.http, &self.sources.credentials, artifact, max_bytes).await
    }
}
