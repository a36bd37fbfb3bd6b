//! Who a token is, and what there is.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use foretaste_model::Ecosystem;
use serde_json::{Value, json};

use super::route::{Ask, error};
use crate::gate::Gate;
use crate::web;

/// Packages that a search lists.
const FOUND: usize = 50;

/// `GET /-/whoami`
pub(super) fn whoami(ask: &Ask) -> Result<Response, Response> {
    if ask.caller.is_anonymous() {
        return Err(error(StatusCode::UNAUTHORIZED, "no token was sent"));
    }
    let name = ask.caller.principal.name();
    Ok(Json(json!({"username": name})).into_response())
}

/// `PUT /-/user/org.couchdb.user:<name>`: `npm login`, with a token of the gate as the password.
pub(super) async fn login(gate: &Arc<Gate>, ask: &Ask, user: &str) -> Result<Response, Response> {
    let body: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
    let password = body["password"].as_str().unwrap_or_default();
    let known = gate.recognise(password).await;
    let known = known.map_err(|e| web::outage(&e))?;
    if known.is_none() || !user.starts_with("org.couchdb.user:") {
        let hint = "the password must be a token of this gate (`foretaste gate token create`)";
        return Err(error(StatusCode::UNAUTHORIZED, hint));
    }
    let answer = json!({"ok": true, "id": user, "rev": "1", "token": password});
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// `GET /-/v1/search`: of what is known here.
pub(super) async fn search(gate: &Arc<Gate>, ask: &Ask) -> Result<Response, Response> {
    let pairs = url::form_urlencoded::parse(ask.query.as_bytes());
    let text = pairs
        .filter(|(key, _)| key == "text")
        .map(|(_, value)| value.to_lowercase())
        .next()
        .unwrap_or_default();
    let names = gate.database.known_names(Ecosystem::Npm).await;
    let names = names.map_err(|e| web::outage(&e))?;
    let mut found = Vec::new();
    for name in names.iter().filter(|n| n.contains(&text)).take(FOUND) {
        let record = gate.record(&crate::gate::key(Ecosystem::Npm, name)).await;
        let record = record.map_err(|e| web::outage(&e))?;
        let newest = record.uploads.last();
        let version = newest.map(|u| u.version.clone()).or_else(|| {
            let mut judged: Vec<_> = record.judged.values().collect();
            judged.sort_by_key(|j| j.at);
            judged.last().map(|j| j.version.clone())
        });
        let description = newest.map(|u| u.details["description"].clone());
        found.push(json!({
            "package": {"name": name, "version": version.unwrap_or_default(), "description": description},
            "score": {"final": 1, "detail": {"quality": 1, "popularity": 1, "maintenance": 1}},
            "searchScore": 1,
        }));
    }
    Ok(Json(json!({"total": found.len(), "objects": found})).into_response())
}
