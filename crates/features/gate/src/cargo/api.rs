//! The web API (<https://doc.rust-lang.org/cargo/reference/registry-web-api.html>).

use std::sync::Arc;

use axum::Json;
use axum::extract::{OriginalUri, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use foretaste_model::{Ecosystem, ReleaseId};
use serde_json::{Value, json};

use crate::database::EventKind;
use crate::gate::{Gate, key};
use crate::publish::Refusal;
use crate::web::{self, Caller};

/// Crates that a search lists.
const FOUND: usize = 10;

/// An error as cargo prints it.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({"errors": [{"detail": message}]}))).into_response()
}

pub(super) fn refusal(refusal: &Refusal) -> Response {
    error(refusal.status(), refusal.message())
}

/// `DELETE /api/v1/crates/<name>/<version>/yank`
pub(super) async fn yank(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((name, version)): Path<(String, String)>,
) -> Result<Response, Response> {
    set_yanked(&gate, &caller, &name, &version, Some("yanked")).await
}

/// `PUT /api/v1/crates/<name>/<version>/unyank`
pub(super) async fn unyank(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((name, version)): Path<(String, String)>,
) -> Result<Response, Response> {
    set_yanked(&gate, &caller, &name, &version, None).await
}

async fn set_yanked(
    gate: &Arc<Gate>,
    caller: &Caller,
    name: &str,
    version: &str,
    reason: Option<&str>,
) -> Result<Response, Response> {
    let key = key(Ecosystem::Cargo, name);
    gate.may_publish(caller, &key)
        .await
        .map_err(|r| refusal(&r))?;
    let place = (Ecosystem::Cargo, key.1.as_str(), version);
    let done = gate.database.yank(place, reason).await;
    if !done.map_err(|e| web::outage(&e))? {
        return Err(error(
            StatusCode::NOT_FOUND,
            "no such version was published here",
        ));
    }
    gate.touch(&key);
    let release = ReleaseId::new(Ecosystem::Cargo, key.1.as_str(), version);
    let what = if reason.is_some() {
        "yanked"
    } else {
        "unyanked"
    };
    gate.log(
        EventKind::Publish,
        Some(&release),
        what,
        "",
        caller.principal.name(),
    )
    .await;
    Ok(Json(json!({"ok": true})).into_response())
}

/// `GET /api/v1/crates/<name>/owners`: whoever published.
pub(super) async fn owners(
    State(gate): State<Arc<Gate>>,
    _caller: Caller,
    Path(name): Path<String>,
) -> Result<Response, Response> {
    let record = gate.record(&key(Ecosystem::Cargo, &name)).await;
    let record = record.map_err(|e| web::outage(&e))?;
    let mut names: Vec<&str> = record.uploads.iter().map(|u| u.uploader.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let users: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(id, login)| json!({"id": id + 1, "login": login, "name": login}))
        .collect();
    Ok(Json(json!({"users": users})).into_response())
}

/// Adding and removing owners: it is the tokens that say who may publish what.
pub(super) async fn own() -> Response {
    error(
        StatusCode::FORBIDDEN,
        "who may publish a crate is said by tokens here: `foretaste gate token create NAME --may publish --package crates:NAME`",
    )
}

/// `GET /api/v1/crates?q=…`: of what is known here.
pub(super) async fn search(
    State(gate): State<Arc<Gate>>,
    _caller: Caller,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Response> {
    let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let text = pairs
        .filter(|(key, _)| key == "q")
        .map(|(_, value)| value.to_lowercase())
        .next()
        .unwrap_or_default();
    let names = gate.database.known_names(Ecosystem::Cargo).await;
    let names = names.map_err(|e| web::outage(&e))?;
    let mut crates = Vec::new();
    for name in names.iter().filter(|n| n.contains(&text)).take(FOUND) {
        let record = gate.record(&key(Ecosystem::Cargo, name)).await;
        let record = record.map_err(|e| web::outage(&e))?;
        let newest = record.uploads.last();
        crates.push(json!({
            "name": name,
            "max_version": newest.map(|u| u.version.as_str()).unwrap_or_default(),
            "description": newest.map(|u| u.details["description"].clone()),
        }));
    }
    Ok(Json(json!({"meta": {"total": crates.len()}, "crates": crates})).into_response())
}

/// Where `cargo login` sends its user.
pub(super) async fn me() -> Response {
    web::plain(
        StatusCode::OK,
        "ask an administrator for a token: foretaste gate token create NAME --may publish",
    )
}
