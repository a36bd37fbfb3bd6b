//! A crate's index file as the gate knows it: what was published here, or what the upstream has.

use std::sync::Arc;

use foretaste_cargo::{download_url, index_path};
use foretaste_model::metadata::ProjectStatus;
use foretaste_model::{Ecosystem, ReleaseId};
use serde_json::Value;
use url::Url;

use crate::candidate::{Candidate, Traits, sha256};
use crate::database::Upload;
use crate::gate::Gate;
use crate::pages::NoPage;
use crate::record::{Key, Record};

/// Bytes of an index file.
const FILE_LIMIT: u64 = 64 << 20;

/// A version: a line of the index file.
pub(crate) struct Line {
    pub(super) candidate: Candidate,
    /// As the upstream has it.
    pub(super) entry: Value,
}

/// Looks a crate up: inside if it is the organisation's own, else upstream.
pub(super) async fn load(
    gate: &Arc<Gate>,
    key: &Key,
) -> Result<(Arc<Vec<Line>>, Arc<Record>), NoPage> {
    let record = gate.record(key).await?;
    if gate.owns(key, &record) {
        if record.uploads.is_empty() {
            return Err(NoPage::Absent);
        }
        return Ok((Arc::new(of_uploads(key, &record.uploads)), record));
    }
    if let Some(found) = gate.crates.get(key) {
        return Ok((found, record));
    }
    let path = index_path(key.1.as_str());
    let response = gate
        .ask_upstream(Ecosystem::Cargo, &path, |request| {
            request.accept("text/plain").max_bytes(FILE_LIMIT)
        })
        .await?
        .ok_or(NoPage::Absent)?;
    let dl = template(gate, response.url.url(), &path).await?;
    let text = response.text().into_owned();
    let lines = text.lines().filter_map(|line| line_of(key, line, &dl));
    let lines = Arc::new(lines.collect());
    gate.crates.put(key, &lines, response.body.len());
    Ok((lines, record))
}

/// The download template of the index that a file came from.
async fn template(gate: &Gate, file: &Url, path: &str) -> Result<String, NoPage> {
    let trouble = |reason: String| NoPage::Trouble(reason);
    let root = file.as_str().strip_suffix(path).unwrap_or(file.as_str());
    let url = Url::parse(root)
        .and_then(|root| root.join("config.json"))
        .map_err(|e| trouble(e.to_string()))?;
    let response = gate.http.get(gate.upstreams.request(url)).await?;
    let config: Value = serde_json::from_slice(&response.body)
        .map_err(|e| trouble(format!("cannot understand {}: {e}", response.url)))?;
    config["dl"]
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| trouble(format!("{} has no `dl`", response.url)))
}

fn line_of(key: &Key, line: &str, dl: &str) -> Option<Line> {
    let entry: Value = serde_json::from_str(line).ok()?;
    let text = |field: &str| entry[field].as_str();
    let (name, version, checksum) = (text("name")?, text("vers")?, text("cksum")?);
    // a line of another crate must not come under this name
    if !name.eq_ignore_ascii_case(key.1.as_str()) {
        return None;
    }
    let url = Url::parse(&download_url(dl, name, version, checksum)).ok()?;
    Some(Line {
        candidate: Candidate {
            release: ReleaseId::new(Ecosystem::Cargo, key.1.as_str(), version),
            filename: format!("{name}-{version}.crate"),
            digests: vec![sha256(&checksum.to_ascii_lowercase())],
            published: text("pubtime").and_then(|t| t.parse().ok()),
            status: ProjectStatus::Active,
            source: Some(url),
            // a build script is not told by the index; whoever links a library needs one
            traits: Traits {
                install_script: entry["links"].is_string(),
                ..Traits::default()
            },
        },
        entry,
    })
}

fn of_uploads(key: &Key, uploads: &[Upload]) -> Vec<Line> {
    let lines = uploads.iter().map(|upload| {
        let mut entry = upload.details["index"].clone();
        entry["yanked"] = Value::Bool(upload.yanked.is_some());
        Line {
            candidate: Candidate::of_upload(key, upload),
            entry,
        }
    });
    lines.collect()
}
