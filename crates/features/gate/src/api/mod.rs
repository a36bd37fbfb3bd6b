//! What administrators do, for programs: JSON under `/api/v1/`, described by `/api/openapi.json`.

mod openapi;
mod tokens;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use foretaste_model::Ecosystem;
use foretaste_model::target::is_valid_name;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::admin::Wish;
use crate::database::{Event, EventKind, Judged};
use crate::gate::{Gate, key};
use crate::identity::Verb;
use crate::outage::{self, Outage};
use crate::web::Caller;

/// Entries of a list, unless fewer are asked for.
const LIMIT: u32 = 500;
/// Bytes of a body.
const BODY: usize = 64 << 10;

/// The routes.
pub(crate) fn routes() -> Router<Arc<Gate>> {
    Router::new()
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/v1/queue", get(queue))
        .route("/api/v1/events", get(events))
        .route("/api/v1/packages/{ecosystem}/{*name}", get(package))
        .route("/api/v1/decisions", post(decide))
        .route("/api/v1/tokens", get(tokens::list).post(tokens::make))
        .route("/api/v1/tokens/{id}", delete(tokens::revoke))
        .layer(DefaultBodyLimit::max(BODY))
}

/// A token that may `admin`.
pub(super) struct Administrator(Caller);

impl FromRequestParts<Arc<Gate>> for Administrator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, gate).await?;
        if caller.is_anonymous() {
            return Err(error(
                StatusCode::UNAUTHORIZED,
                "this needs a token that may admin",
            ));
        }
        if caller.may(gate, Verb::Admin) {
            Ok(Self(caller))
        } else {
            Err(error(StatusCode::FORBIDDEN, "this token may not admin"))
        }
    }
}

/// What went wrong.
#[derive(Serialize, JsonSchema)]
pub(super) struct Problem {
    /// One sentence.
    error: String,
}

fn error(status: StatusCode, message: &str) -> Response {
    let problem = Problem {
        error: message.to_owned(),
    };
    (status, Json(problem)).into_response()
}

fn failed(problem: &dyn Outage) -> Response {
    error(StatusCode::SERVICE_UNAVAILABLE, &outage::told(problem))
}

/// A verdict on one file.
#[derive(Serialize, JsonSchema)]
pub(super) struct VerdictView {
    ecosystem: String,
    name: String,
    version: String,
    filename: String,
    /// Hexadecimal.
    sha256: String,
    verdict: String,
    score: f64,
    reasons: Vec<String>,
    /// Seconds since the epoch.
    judged: i64,
}

impl From<Judged> for VerdictView {
    fn from(judged: Judged) -> Self {
        Self {
            ecosystem: judged.ecosystem,
            name: judged.name,
            version: judged.version,
            filename: judged.filename,
            sha256: judged.sha256,
            verdict: judged.verdict.id().to_owned(),
            score: judged.score,
            reasons: judged.reasons,
            judged: judged.at,
        }
    }
}

/// What a person decided.
#[derive(Serialize, JsonSchema)]
pub(super) struct DecisionView {
    version: String,
    /// The approved bytes, as `algorithm:hex`; empty for every file of the version.
    digest: String,
    approved: bool,
    reason: String,
    person: String,
    at: i64,
    /// When it stops to count, in seconds since the epoch.
    until: Option<i64>,
}

/// Everything that is known of a package.
#[derive(Serialize, JsonSchema)]
pub(super) struct PackageView {
    ecosystem: String,
    name: String,
    /// True if the name is the organisation's own.
    owned: bool,
    /// Files that were published here.
    published: Vec<String>,
    verdicts: Vec<VerdictView>,
    decisions: Vec<DecisionView>,
}

/// Which part of a list.
#[derive(Deserialize)]
struct Part {
    limit: Option<u32>,
    kind: Option<String>,
}

impl Part {
    fn limit(&self) -> Result<u32, Response> {
        let limit = self.limit.unwrap_or(LIMIT);
        if (1..=LIMIT).contains(&limit) {
            return Ok(limit);
        }
        let reason = format!("the limit must lie between 1 and {LIMIT}");
        Err(error(StatusCode::BAD_REQUEST, &reason))
    }
}

/// The query of a list; what cannot be read is an error of ours to word.
fn part(
    query: Result<Query<Part>, axum::extract::rejection::QueryRejection>,
) -> Result<Part, Response> {
    query
        .map(|q| q.0)
        .map_err(|e| error(StatusCode::BAD_REQUEST, &e.body_text()))
}

async fn queue(
    State(gate): State<Arc<Gate>>,
    _admin: Administrator,
    query: Result<Query<Part>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<VerdictView>>, Response> {
    let waiting = gate.database.queue(part(query)?.limit()?).await;
    let waiting = waiting.map_err(|e| failed(&e))?;
    Ok(Json(waiting.into_iter().map(VerdictView::from).collect()))
}

async fn events(
    State(gate): State<Arc<Gate>>,
    _admin: Administrator,
    query: Result<Query<Part>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Vec<Event>>, Response> {
    let part = part(query)?;
    let known = |kind: &str| EventKind::ALL.into_iter().find(|k| k.id() == kind);
    let kind = match part.kind.as_deref() {
        None => None,
        Some(text) => Some(
            known(text).ok_or_else(|| error(StatusCode::BAD_REQUEST, "there is no such kind"))?,
        ),
    };
    let events = gate.events(kind, part.limit()?).await;
    Ok(Json(events.map_err(|e| failed(&e))?))
}

async fn package(
    State(gate): State<Arc<Gate>>,
    _admin: Administrator,
    Path((ecosystem, name)): Path<(String, String)>,
) -> Result<Json<PackageView>, Response> {
    let ecosystem = Ecosystem::from_prefix(&ecosystem)
        .filter(|e| is_valid_name(*e, &name))
        .ok_or_else(|| error(StatusCode::NOT_FOUND, "there is no such package"))?;
    let key = key(ecosystem, &name);
    let record = gate.record(&key).await.map_err(|e| failed(&e))?;
    let decisions = record.people.values().flatten().map(|d| DecisionView {
        version: d.version.clone(),
        digest: d.digest.clone(),
        approved: d.approved,
        reason: d.reason.clone(),
        person: d.person.clone(),
        at: d.at,
        until: d.until,
    });
    Ok(Json(PackageView {
        ecosystem: ecosystem.id().to_owned(),
        name: key.1.as_str().to_owned(),
        owned: gate.owns(&key, &record),
        published: record.uploads.iter().map(|u| u.filename.clone()).collect(),
        verdicts: record
            .judged
            .values()
            .cloned()
            .map(VerdictView::from)
            .collect(),
        decisions: decisions.collect(),
    }))
}

async fn decide(
    State(gate): State<Arc<Gate>>,
    Administrator(caller): Administrator,
    wish: Result<Json<Wish>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, Response> {
    let Json(wish) = wish.map_err(|e| error(StatusCode::BAD_REQUEST, &e.body_text()))?;
    let done = gate.carry_out(&wish, caller.principal.name()).await;
    match done.map_err(|e| failed(&e))? {
        Ok(_) => Ok((StatusCode::CREATED, Json(json!({"ok": true}))).into_response()),
        Err((status, reason)) => Err(error(status, reason)),
    }
}
