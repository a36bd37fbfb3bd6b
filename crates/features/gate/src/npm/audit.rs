//! What `npm audit` asks, answered from the advisories on this machine; and the upstream's signatures.

use std::io::Read as _;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use foretaste_model::Ecosystem;
use foretaste_osv::{Database, npm};

use super::route::{Ask, error};
use crate::gate::Gate;
use crate::outage;
use crate::web;

/// Bytes of a question.
const QUESTION_LIMIT: u64 = 64 << 20;

/// `POST /-/npm/v1/security/advisories/bulk`
pub(super) fn bulk(gate: &Arc<Gate>, ask: &Ask) -> Result<Response, Response> {
    answer(gate, ask, npm::bulk)
}

/// `POST /-/npm/v1/security/audits/quick`
pub(super) fn quick(gate: &Arc<Gate>, ask: &Ask) -> Result<Response, Response> {
    answer(gate, ask, npm::quick)
}

fn answer(
    gate: &Gate,
    ask: &Ask,
    from: impl Fn(&[u8], Option<&Database>) -> Result<Vec<u8>, npm::AuditError>,
) -> Result<Response, Response> {
    let unavailable = |reason: &str| error(StatusCode::SERVICE_UNAVAILABLE, reason);
    let database = match &gate.advisories {
        Some(all) => all.current(Ecosystem::Npm).map_err(|e| unavailable(&e))?,
        None => None,
    };
    // an empty answer would say that nothing is wrong, and nobody knows that
    let database = database.ok_or_else(|| {
        unavailable("no npm advisories were imported here (`foretaste advisories import`)")
    })?;
    let zipped = ask
        .headers
        .get(CONTENT_ENCODING)
        .is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"gzip"));
    let question = if zipped {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(ask.body.as_ref())
            .take(QUESTION_LIMIT)
            .read_to_end(&mut plain)
            .map_err(|e| error(StatusCode::BAD_REQUEST, &e.to_string()))?;
        plain
    } else {
        ask.body.to_vec()
    };
    let told = from(&question, Some(&*database)).map_err(|e| {
        let status = match &e {
            npm::AuditError::Question(_) => StatusCode::BAD_REQUEST,
            npm::AuditError::Database(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        error(status, &outage::told(&e))
    })?;
    Ok(json(told))
}

/// `GET /-/npm/v1/keys` and `/-/npm/v1/attestations/…`: as the upstream has them.
pub(super) async fn signatures(gate: &Arc<Gate>, path: &str) -> Result<Response, Response> {
    let found = gate
        .ask_upstream(Ecosystem::Npm, &format!("-/{path}"), |request| {
            request.accept("application/json").max_bytes(16 << 20)
        })
        .await;
    match found {
        Ok(Some(response)) => Ok(json(response.body)),
        Ok(None) => Err(error(StatusCode::NOT_FOUND, "the upstream has none")),
        Err(problem) => Err(web::outage(&problem)),
    }
}

fn json(body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}
