//! Changes to what was published here: tags, deprecation, unpublishing.

use std::sync::Arc;

use axum::Json;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use foretaste_model::{Ecosystem, ReleaseId};
use serde_json::{Value, json};

use super::document;
use super::route::{Ask, error, named};
use crate::database::EventKind;
use crate::gate::Gate;
use crate::pages::NoPage;
use crate::publish::Refusal;
use crate::record::Key;
use crate::web;

/// `/-/package/<name>/dist-tags[/<tag>]`
pub(super) async fn tags(
    gate: &Arc<Gate>,
    ask: &Ask,
    name: &str,
    tag: Option<&str>,
) -> Result<Response, Response> {
    let key = named(name)?;
    let Some(tag) = tag else {
        let (document, _) = document::load(gate, &key).await.map_err(|no| match no {
            NoPage::Trouble(reason) => web::trouble(&reason),
            NoPage::Absent => error(StatusCode::NOT_FOUND, "there is no such package here"),
        })?;
        return Ok(Json(json!(document.tags)).into_response());
    };
    gate.may_publish(&ask.caller, &key).await?;
    let version = if ask.method == Method::DELETE {
        if tag == "latest" {
            return Err(error(StatusCode::BAD_REQUEST, "`latest` cannot be removed"));
        }
        None
    } else {
        let version: String = serde_json::from_slice(&ask.body)
            .map_err(|_| error(StatusCode::BAD_REQUEST, "the body must be a version"))?;
        Some(version)
    };
    let record = gate.record(&key).await;
    let record = record.map_err(|e| web::outage(&e))?;
    if let Some(version) = &version
        && !record.uploads.iter().any(|u| u.version == *version)
    {
        return Err(error(
            StatusCode::NOT_FOUND,
            "there is no such version here",
        ));
    }
    let done = gate
        .database
        .tag(key.1.as_str(), tag, version.as_deref())
        .await;
    done.map_err(|e| web::outage(&e))?;
    changed(gate, ask, &key, version.as_deref(), &format!("tag {tag}")).await;
    Ok((StatusCode::CREATED, Json(json!({"ok": true}))).into_response())
}

/// `npm deprecate`: the document comes back with other texts.
pub(super) async fn deprecate(
    gate: &Arc<Gate>,
    ask: &Ask,
    key: &Key,
    document: &Value,
) -> Result<Value, Refusal> {
    gate.may_publish(&ask.caller, key).await?;
    let record = gate.record(key).await?;
    for upload in &record.uploads {
        let told = &document["versions"][&upload.version]["deprecated"];
        if !told.is_string() && !told.is_null() {
            continue;
        }
        let mut details = upload.details.clone();
        let before = details["deprecated"].clone();
        match told.as_str().filter(|t| !t.is_empty()) {
            Some(text) => details["deprecated"] = json!(text),
            None => {
                if let Some(fields) = details.as_object_mut() {
                    fields.remove("deprecated");
                }
            }
        }
        if details["deprecated"] != before {
            let place = (Ecosystem::Npm, key.1.as_str(), upload.version.as_str());
            gate.database.redescribe(place, &details).await?;
            changed(gate, ask, key, Some(&upload.version), "deprecation").await;
        }
    }
    Ok(json!({"ok": true}))
}

/// `PUT /<name>/-rev/<rev>`: the document without some versions, which `npm unpublish` sends before it removes a tarball.
pub(super) async fn replace(gate: &Arc<Gate>, ask: &Ask, key: &Key) -> Result<Value, Refusal> {
    gate.may_publish(&ask.caller, key).await?;
    let document: Value = serde_json::from_slice(&ask.body)
        .map_err(|e| Refusal::Bad(format!("the document cannot be read: {e}")))?;
    let left = document["versions"]
        .as_object()
        .ok_or_else(|| Refusal::Bad("the document has no versions".to_owned()))?;
    let record = gate.record(key).await?;
    for upload in &record.uploads {
        if !left.contains_key(&upload.version) {
            remove(gate, ask, key, Some(&upload.version)).await?;
        }
    }
    for (tag, version) in document["dist-tags"].as_object().into_iter().flatten() {
        let version = version.as_str();
        gate.database.tag(key.1.as_str(), tag, version).await?;
    }
    gate.touch(key);
    Ok(json!({"ok": true}))
}

/// Removes a tarball's version, or the package.
pub(super) async fn unpublish(
    gate: &Arc<Gate>,
    ask: &Ask,
    key: &Key,
    file: Option<&str>,
) -> Result<Value, Refusal> {
    gate.may_publish(&ask.caller, key).await?;
    let record = gate.record(key).await?;
    let version = file.map(|file| {
        let found = record.uploads.iter().find(|u| u.filename == file);
        found.map(|u| u.version.clone())
    });
    match version {
        None => remove(gate, ask, key, None).await?,
        Some(Some(version)) => remove(gate, ask, key, Some(&version)).await?,
        // the document that came before took it out already
        Some(None) => {}
    }
    Ok(json!({"ok": true}))
}

async fn remove(
    gate: &Arc<Gate>,
    ask: &Ask,
    key: &Key,
    version: Option<&str>,
) -> Result<(), Refusal> {
    let place = (Ecosystem::Npm, key.1.as_str());
    gate.database.unpublish(place, version).await?;
    for (tag, of) in gate.database.tags(key.1.as_str()).await? {
        if version.is_none_or(|v| v == of) {
            gate.database.tag(key.1.as_str(), &tag, None).await?;
        }
    }
    changed(gate, ask, key, version, "unpublished").await;
    Ok(())
}

async fn changed(gate: &Arc<Gate>, ask: &Ask, key: &Key, version: Option<&str>, what: &str) {
    gate.touch(key);
    let release = ReleaseId::new(key.0, key.1.as_str(), version.unwrap_or_default());
    let who = ask.caller.principal.name();
    gate.log(EventKind::Publish, Some(&release), what, "", who)
        .await;
}
