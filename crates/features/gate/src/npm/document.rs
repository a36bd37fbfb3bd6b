//! A package's document as the gate knows it: what was published here, or what the upstream has.

use std::collections::BTreeMap;
use std::sync::Arc;

use foretaste_model::metadata::ProjectStatus;
use foretaste_model::{Ecosystem, ReleaseId};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use url::Url;

use super::render;
use crate::candidate::{Candidate, Traits};
use crate::database::Upload;
use crate::gate::Gate;
use crate::pages::NoPage;
use crate::record::{Key, Record};

/// Bytes of an upstream document.
const DOCUMENT_LIMIT: u64 = 256 << 20;

/// A package.
pub(crate) struct Document {
    pub(super) name: String,
    /// Everything but versions and tags, as the upstream has it.
    pub(super) fields: Map<String, Value>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) versions: Vec<Version>,
}

/// A version of a package.
pub(super) struct Version {
    pub(super) candidate: Candidate,
    /// As the upstream has it.
    pub(super) manifest: Value,
}

/// The path of a package on an upstream: the slash of a scope is escaped.
fn path(name: &str) -> String {
    name.replacen('/', "%2f", 1)
}

/// Looks a package up: inside if it is the organisation's own, else upstream. Always the full form: only that tells when a
/// version was published.
pub(super) async fn load(
    gate: &Arc<Gate>,
    key: &Key,
) -> Result<(Arc<Document>, Arc<Record>), NoPage> {
    let record = gate.record(key).await?;
    if gate.owns(key, &record) {
        if record.uploads.is_empty() {
            return Err(NoPage::Absent);
        }
        let tags = gate.database.tags(key.1.as_str()).await;
        let tags = tags?;
        return Ok((Arc::new(of_uploads(key, &record.uploads, tags)), record));
    }
    if let Some(found) = gate.documents.get(key) {
        return Ok((found, record));
    }
    let response = gate
        .ask_upstream(Ecosystem::Npm, &path(key.1.as_str()), |request| {
            request.accept("application/json").max_bytes(DOCUMENT_LIMIT)
        })
        .await?
        .ok_or(NoPage::Absent)?;
    let value: Value = serde_json::from_slice(&response.body)
        .map_err(|e| NoPage::Trouble(format!("cannot understand {}: {e}", response.url)))?;
    let document = of_upstream(key, value)
        .ok_or_else(|| NoPage::Trouble(format!("cannot understand {}", response.url)))?;
    let document = Arc::new(document);
    gate.documents.put(key, &document, response.body.len());
    Ok((document, record))
}

fn of_upstream(key: &Key, value: Value) -> Option<Document> {
    let Value::Object(mut fields) = value else {
        return None;
    };
    // a document of another package must not come under this name
    if fields.get("name").and_then(Value::as_str)? != key.1.as_str() {
        return None;
    }
    let versions = match fields.remove("versions") {
        Some(Value::Object(versions)) => versions,
        _ => Map::new(),
    };
    let tags = match fields.remove("dist-tags") {
        Some(Value::Object(tags)) => tags
            .into_iter()
            .filter_map(|(tag, v)| Some((tag, v.as_str()?.to_owned())))
            .collect(),
        _ => BTreeMap::new(),
    };
    let times = fields.get("time").cloned().unwrap_or_default();
    let versions = versions
        .into_iter()
        .filter_map(|(version, manifest)| {
            let dist = manifest.get("dist")?;
            let text = |field: &str| dist.get(field).and_then(Value::as_str).unwrap_or_default();
            let url = Url::parse(text("tarball")).ok()?;
            let filename = url.path_segments()?.next_back()?.to_owned();
            let published = times.get(&version).and_then(Value::as_str);
            Some(Version {
                candidate: Candidate {
                    release: ReleaseId::new(Ecosystem::Npm, key.1.as_str(), &version),
                    filename,
                    digests: foretaste_npm::published_digests(text("integrity"), text("shasum")),
                    published: published.and_then(|t| t.parse().ok()),
                    status: ProjectStatus::Active,
                    source: Some(url),
                    traits: traits(&manifest),
                },
                manifest,
            })
        })
        .collect();
    Some(Document {
        name: key.1.as_str().to_owned(),
        fields,
        tags,
        versions,
    })
}

fn traits(manifest: &Value) -> Traits {
    let licence = &manifest["license"];
    Traits {
        install_script: manifest["hasInstallScript"] == true || render::runs_scripts(manifest),
        provenance: manifest["dist"]["attestations"].is_object(),
        licence: licence
            .as_str()
            .or_else(|| licence["type"].as_str())
            .map(Into::into),
    }
}

fn of_uploads(key: &Key, uploads: &[Upload], tags: BTreeMap<String, String>) -> Document {
    let name = key.1.as_str();
    let time = |seconds: i64| {
        let time = Timestamp::from_second(seconds).unwrap_or_default();
        time.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string()
    };
    let mut times = Map::new();
    for upload in uploads {
        times.insert(upload.version.clone(), json!(time(upload.uploaded)));
    }
    let first = uploads.iter().map(|u| u.uploaded).min().unwrap_or_default();
    let last = uploads.iter().map(|u| u.uploaded).max().unwrap_or_default();
    times.insert("created".to_owned(), json!(time(first)));
    times.insert("modified".to_owned(), json!(time(last)));
    let newest = uploads.last().map(|u| &u.details);
    let mut fields = Map::new();
    fields.insert("_id".to_owned(), json!(name));
    fields.insert("name".to_owned(), json!(name));
    fields.insert("time".to_owned(), Value::Object(times));
    for field in [
        "description",
        "license",
        "repository",
        "homepage",
        "keywords",
        "readme",
    ] {
        if let Some(value) = newest.and_then(|d| d.get(field)) {
            fields.insert(field.to_owned(), value.clone());
        }
    }
    let versions = uploads.iter().map(|upload| {
        let dist = &upload.details["dist"];
        let text = |field: &str| dist[field].as_str().unwrap_or_default();
        let mut digests = foretaste_npm::published_digests(text("integrity"), text("shasum"));
        digests.extend(format!("sha256:{}", upload.sha256).parse().ok());
        Version {
            candidate: Candidate {
                digests,
                traits: traits(&upload.details),
                ..Candidate::of_upload(key, upload)
            },
            manifest: upload.details.clone(),
        }
    });
    Document {
        name: name.to_owned(),
        fields,
        tags,
        versions: versions.collect(),
    }
}
