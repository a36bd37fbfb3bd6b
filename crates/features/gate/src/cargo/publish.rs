//! `cargo publish`.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use bytes::Buf as _;
use foretaste_io::files::Draft;
use foretaste_model::target::is_valid_name;
use foretaste_model::{ContentDigest, Ecosystem};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::api::{error, refusal};
use crate::archive::{Archive, look_through};
use crate::database::{Upload, now};
use crate::gate::{Gate, key};
use crate::publish::{Proposal, Refusal};
use crate::web::Caller;

/// Bytes of a publication that are held in memory.
const BODY_LIMIT: u64 = 512 << 20;

/// `PUT /api/v1/crates/new`: a length and JSON, a length and the crate file.
pub(super) async fn new(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    body: Body,
) -> Result<Response, Response> {
    if caller.is_anonymous() {
        return Err(refusal(&Refusal::Unauthorized("publishing needs a token")));
    }
    let limit = gate.settings().decide.file_bytes().min(BODY_LIMIT);
    let body = to_bytes(body, usize::try_from(limit).unwrap_or(usize::MAX))
        .await
        .map_err(|e| error(StatusCode::PAYLOAD_TOO_LARGE, &e.to_string()))?;
    take(&gate, &caller, body).await.map_err(|r| refusal(&r))?;
    let warnings = json!({"invalid_categories": [], "invalid_badges": [], "other": []});
    Ok(Json(json!({"warnings": warnings})).into_response())
}

/// Takes a length and as many bytes from the front; none if there are fewer.
fn cut(body: &mut Bytes) -> Option<Bytes> {
    let length = u32::from_le_bytes(*body.first_chunk()?) as usize;
    body.advance(4);
    (length <= body.len()).then(|| body.split_to(length))
}

async fn take(gate: &Arc<Gate>, caller: &Caller, mut body: Bytes) -> Result<(), Refusal> {
    let parts = cut(&mut body).and_then(|json| Some((json, cut(&mut body)?)));
    let Some((json_bytes, crate_bytes)) = parts else {
        return Err(Refusal::Bad(
            "the publication does not hold what its lengths say".to_owned(),
        ));
    };
    let metadata: Value = serde_json::from_slice(&json_bytes)
        .map_err(|e| Refusal::Bad(format!("the publication's JSON cannot be read: {e}")))?;
    let text = |field: &str| metadata[field].as_str().unwrap_or_default();
    let (name, version) = (text("name"), text("vers"));
    if !is_valid_name(Ecosystem::Cargo, name) {
        return Err(Refusal::Bad(format!("{name:?} is no name of a crate")));
    }
    if semver::Version::parse(version).is_err() {
        return Err(Refusal::Bad(format!("{version:?} is no version")));
    }
    same_folder(crate_bytes.clone(), name, version)
        .await
        .map_err(Refusal::Bad)?;
    let key = key(Ecosystem::Cargo, name);
    let sha256 = ContentDigest::of(&crate_bytes).to_hex();
    let mut draft = Draft::in_folder(&gate.blobs.drafts())?;
    draft.write(&crate_bytes)?;
    let upload = Upload {
        ecosystem: Ecosystem::Cargo,
        name: key.1.as_str().to_owned(),
        version: version.to_owned(),
        filename: format!("{name}-{version}.crate"),
        size: crate_bytes.len() as u64,
        uploaded: now(),
        uploader: caller.principal.name().to_owned(),
        yanked: None,
        details: json!({
            "index": entry(&metadata, &sha256),
            "description": metadata["description"],
        }),
        sha256,
    };
    gate.publish(Proposal {
        caller,
        upload,
        draft,
    })
    .await
}

/// Everything in a crate file lies below `<name>-<version>/`; cargo unpacks nothing else.
async fn same_folder(bytes: Bytes, name: &str, version: &str) -> Result<(), String> {
    let folder = format!("{name}-{version}/");
    let filename = format!("{name}-{version}.crate");
    let shown = folder.clone();
    let outside = look_through(Archive::Bytes(bytes), &filename, move |member| {
        let raw = String::from_utf8_lossy(&member.raw_path).into_owned();
        let is_inside = raw.starts_with(&folder) && raw.split('/').all(|part| part != "..");
        (!is_inside).then_some(raw)
    });
    match outside.await?.first() {
        Some(path) => Err(format!("{path:?} does not lie below `{shown}`")),
        None => Ok(()),
    }
}

/// The line of the index: what cargo sends names some things otherwise
/// (<https://doc.rust-lang.org/cargo/reference/registry-web-api.html#publish>).
fn entry(metadata: &Value, sha256: &str) -> Value {
    let deps: Vec<Value> = metadata["deps"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|dep| {
            let renamed = dep["explicit_name_in_toml"].as_str();
            json!({
                "name": renamed.map_or_else(|| dep["name"].clone(), |n| json!(n)),
                "package": renamed.map(|_| dep["name"].clone()),
                "req": dep["version_req"],
                "features": dep["features"],
                "optional": dep["optional"],
                "default_features": dep["default_features"],
                "target": dep["target"],
                "kind": dep["kind"],
                "registry": dep["registry"],
            })
        })
        .collect();
    // features with `dep:` or `?` are unknown to old cargos, and stand apart for them
    let (mut plain, mut newer) = (Map::new(), Map::new());
    for (feature, enables) in metadata["features"].as_object().into_iter().flatten() {
        let is_newer = enables.as_array().into_iter().flatten().any(|e| {
            e.as_str()
                .is_some_and(|e| e.starts_with("dep:") || e.contains('?'))
        });
        let to = if is_newer { &mut newer } else { &mut plain };
        to.insert(feature.clone(), enables.clone());
    }
    let mut entry = json!({
        "name": metadata["name"],
        "vers": metadata["vers"],
        "deps": deps,
        "features": plain,
        "cksum": sha256,
        "yanked": false,
        "links": metadata["links"],
        "rust_version": metadata["rust_version"],
        "pubtime": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "v": 2,
    });
    if !newer.is_empty() {
        entry["features2"] = Value::Object(newer);
    }
    entry
}
