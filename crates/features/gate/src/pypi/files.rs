//! Files of Python projects, and the metadata beside them (PEP 658).

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, RANGE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use foretaste_io::{CachePolicy, digests};
use foretaste_model::Ecosystem;
use foretaste_model::report::IndexDigest;
use foretaste_model::target::is_valid_name;

use super::extract;
use super::project::{Metadata, ProjectFile, project};
use crate::deliver::Delivery;
use crate::gate::{Gate, key};
use crate::pages::NoPage;
use crate::record::Record;
use crate::web::{self, Caller};

/// Bytes of core metadata.
const METADATA_LIMIT: u64 = 8 << 20;
/// Files up to this size are fetched and vetted as soon as somebody reads their metadata: the file comes next.
const AHEAD_BYTES: u64 = 16 << 20;

/// `/files/<name>/<filename>` and `/files/<name>/<filename>.metadata`
pub(super) async fn get(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((name, filename)): Path<(String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Response> {
    if !is_valid_name(Ecosystem::Pypi, &name) {
        return Err(absent("this is no name of a Python package"));
    }
    let key = key(Ecosystem::Pypi, &name);
    let (project, record) = project(&gate, &key).await.map_err(|no| match no {
        NoPage::Absent => absent(&format!("no package {name} is known here")),
        NoPage::Trouble(reason) => web::trouble(&reason),
    })?;
    let to = Delivery {
        caller: &caller,
        method: &method,
        headers: &headers,
        content_type: "application/octet-stream",
        refuse: |line| web::text(StatusCode::FORBIDDEN, line),
        absent,
    };
    if let Some(file) = project.file(&filename) {
        let response = gate.deliver(&file.candidate, &to).await;
        let whole = method == Method::GET && !headers.contains_key(RANGE);
        if whole && response.status().is_success() && file.offered(&record).is_none() {
            extract::later(&gate, &file.candidate);
        }
        return Ok(response);
    }
    let (file, asked) = filename
        .strip_suffix(".metadata")
        .and_then(|name| project.file(name))
        .map(|file| (file, caller.asked(&gate, gate.owns(&key, &record))))
        .ok_or_else(|| absent(&format!("{name} has no file of this name")))?;
    let ruling = gate.judge_known(&file.candidate, &record, asked);
    if ruling.hides() {
        return Err(gate.turn_away(&file.candidate, &ruling, &to).await);
    }
    metadata(&gate, &caller, &record, file).await
}

fn absent(reason: &str) -> Response {
    web::text(StatusCode::NOT_FOUND, reason)
}

async fn metadata(
    gate: &Arc<Gate>,
    caller: &Caller,
    record: &Record,
    file: &ProjectFile,
) -> Result<Response, Response> {
    let bytes = match &file.metadata {
        Metadata::Absent => {
            let none = || absent("its upstream publishes no metadata beside this file");
            let wheel = file.candidate.sha256(record).ok_or_else(none)?;
            let name = file.candidate.release.name.as_str();
            let text = gate.database.metadata(name, wheel).await;
            let text = text.map_err(|e| web::outage(&e))?;
            text.ok_or_else(none)?.into_bytes()
        }
        Metadata::Here { text, .. } => text.clone().into_bytes(),
        Metadata::Upstream(published) => {
            let mut url = file
                .candidate
                .source
                .clone()
                .ok_or_else(|| absent("it was published here"))?;
            url.set_path(&format!("{}.metadata", url.path()));
            let mut request = gate.upstreams.request(url).max_bytes(METADATA_LIMIT);
            if !published.is_empty() {
                request = request.cache(CachePolicy::Immutable(published.clone()));
            }
            let response = gate.http.get(request).await;
            let response = response.map_err(|error| {
                if error.is_not_found() {
                    absent(&error.to_string())
                } else {
                    web::outage(&error)
                }
            })?;
            if digests::check(&response.body, published) == IndexDigest::Mismatch {
                gate.metrics.mismatch();
                let reason = "the metadata that the upstream sent is not what its index names";
                return Err(web::text(StatusCode::FORBIDDEN, reason));
            }
            response.body
        }
    };
    if file.size.is_some_and(|size| size <= AHEAD_BYTES) && file.candidate.source.is_some() {
        let (gate, candidate) = (Arc::clone(gate), file.candidate.clone());
        let team = caller.team(&gate).to_owned();
        tokio::spawn(async move { gate.admit(&candidate, &team).await });
    }
    let mut response = Response::new(Body::from(bytes));
    let out = response.headers_mut();
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    out.insert(CONTENT_TYPE, plain);
    let lasting = HeaderValue::from_static("private, max-age=86400, immutable");
    out.insert(CACHE_CONTROL, lasting);
    Ok(response)
}
