//! Crate files.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use foretaste_model::Ecosystem;
use foretaste_model::target::is_valid_name;

use super::crate_file;
use crate::deliver::Delivery;
use crate::gate::{Gate, key};
use crate::pages::NoPage;
use crate::web::{self, Caller};

/// `GET /dl/<name>/<version>/download`. A refusal is 403 with text, which cargo prints; 404, 410 and 451 would mean that there
/// is no such crate.
pub(super) async fn get(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((name, version)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let absent = |reason: &str| web::plain(StatusCode::NOT_FOUND, reason);
    if !is_valid_name(Ecosystem::Cargo, &name) {
        return Err(absent("this is no name of a crate"));
    }
    let key = key(Ecosystem::Cargo, &name);
    let (lines, _) = crate_file::load(&gate, &key).await.map_err(|no| match no {
        NoPage::Trouble(reason) => web::trouble(&reason),
        NoPage::Absent => absent("no such crate is known here"),
    })?;
    let candidate = lines
        .iter()
        .map(|l| &l.candidate)
        .find(|c| *c.release.version == version)
        .ok_or_else(|| absent("the crate has no such version"))?;
    let to = Delivery {
        caller: &caller,
        method: &method,
        headers: &headers,
        content_type: "application/gzip",
        refuse: |line| web::plain(StatusCode::FORBIDDEN, line),
        absent: |reason| web::plain(StatusCode::NOT_FOUND, reason),
    };
    Ok(gate.deliver(candidate, &to).await)
}
