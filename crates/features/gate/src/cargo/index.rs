//! The sparse index (<https://doc.rust-lang.org/cargo/reference/registry-index.html>).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use foretaste_cargo::index_path;
use foretaste_model::Ecosystem;
use foretaste_model::target::is_valid_name;
use serde_json::json;

use super::crate_file;
use crate::decide::Asked;
use crate::gate::{Gate, key};
use crate::pages::{Form, NoPage, Page};
use crate::record::Key;
use crate::web::{self, Caller};

/// `config.json`. It is read before credentials are known, so that it tells that some are wanted.
pub(super) async fn config(State(gate): State<Arc<Gate>>, headers: HeaderMap) -> Response {
    let base = web::base(&gate, headers.get(HOST)) + "/cargo";
    let closed = !gate.settings().access.anonymous_read;
    let mut config = json!({"dl": format!("{base}/dl"), "api": base});
    if closed {
        config["auth-required"] = json!(true);
        if Caller::of(&gate, &headers, None)
            .await
            .is_ok_and(|c| !c.is_anonymous())
        {
            return Json(config).into_response();
        }
        let mut response = web::unauthorized("reading needs a token here");
        let login = format!("Cargo login_url=\"{base}/me\"");
        if let Ok(login) = HeaderValue::from_str(&login) {
            response.headers_mut().insert(WWW_AUTHENTICATE, login);
        }
        return response;
    }
    Json(config).into_response()
}

/// The index file of a crate.
pub(super) async fn page(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let name = path.rsplit('/').next().unwrap_or_default();
    if !is_valid_name(Ecosystem::Cargo, name) || index_path(name) != path {
        return Err(web::plain(StatusCode::NOT_FOUND, "this is no index file"));
    }
    let key = key(Ecosystem::Cargo, name);
    let of = key.clone();
    let team = caller.team(&gate).to_owned();
    let view = (Form::Crate, team.clone());
    let page = gate.page(key, view, "", |gate| async move {
        build(&gate, &of, &team).await
    });
    match page.await {
        Ok(page) => Ok(web::page(&page, &headers)),
        Err(NoPage::Absent) => Err(web::plain(
            StatusCode::NOT_FOUND,
            "no such crate is known here",
        )),
        Err(NoPage::Trouble(reason)) => Err(web::trouble(&reason)),
    }
}

/// What is refused is marked as yanked: resolution passes it by, and a lock that has it learns the reason from the download.
/// Checksums are never touched.
async fn build(gate: &Arc<Gate>, key: &Key, team: &str) -> Result<Page, NoPage> {
    let (lines, record) = crate_file::load(gate, key).await?;
    let asked = Asked {
        owned: gate.owns(key, &record),
        team,
    };
    let mut text = String::new();
    for line in &*lines {
        if gate.shows(&line.candidate, &record, asked) {
            text.push_str(&line.entry.to_string());
        } else {
            let mut entry = line.entry.clone();
            entry["yanked"] = json!(true);
            text.push_str(&entry.to_string());
        }
        text.push('\n');
    }
    Ok(Page::new("text/plain; charset=utf-8", text.into_bytes()))
}
