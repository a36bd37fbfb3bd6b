//! Whoever is refused a release asks an administrator for it.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use foretaste_model::{Ecosystem, ReleaseId};
use serde::Deserialize;
use serde_json::json;

use crate::admin::is_visible;
use crate::database::{Event, EventKind, now};
use crate::explain;
use crate::gate::Gate;
use crate::web::{self, Caller};

/// Characters of a reason.
const REASON: usize = 500;
/// Requests for a package that are looked through for the same one.
const LOOKED_AT: u32 = 100;

/// Why somebody wants a release. That it is JSON keeps other sites' forms from asking in their visitors' name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    reason: String,
}

/// `POST /request/<ecosystem>/<name>/<version>`: it is written down, and shown to whoever decides. The same one counts once.
pub(crate) async fn request(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path((ecosystem, package)): Path<(String, String)>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, Response> {
    let bad = |reason: &str| web::plain(StatusCode::BAD_REQUEST, reason);
    let Json(Wanted { reason }) = wanted.map_err(|e| bad(&e.body_text()))?;
    if !is_visible(&reason, REASON) {
        return Err(bad("say in at most 500 characters why it is needed"));
    }
    let (key, version) = explain::release(&ecosystem, &package, "request")?;
    let (record, files) = explain::files(&gate, &key, version).await?;
    let asked = caller.asked(&gate, gate.owns(&key, &record));
    if files.iter().all(|file| gate.shows(file, &record, asked)) {
        let served = format!("{} {version} is served already", key.1);
        return Err(web::plain(StatusCode::CONFLICT, &served));
    }
    let request = Event {
        at: now(),
        kind: EventKind::Request.id().to_owned(),
        ecosystem: key.0.id().to_owned(),
        name: key.1.as_str().to_owned(),
        version: version.to_owned(),
        outcome: "asked for".to_owned(),
        reason,
        who: caller.principal.name().to_owned(),
        client: caller.client.clone(),
        ..Event::default()
    };
    let open = gate.requests((key.0, key.1.as_str()), LOOKED_AT).await;
    let open = open.map_err(|e| web::outage(&e))?;
    let same = |other: &Event| {
        (&other.version, &other.reason, &other.who)
            == (&request.version, &request.reason, &request.who)
    };
    if !open.iter().any(same) {
        gate.journal.add(request).await;
    }
    Ok((StatusCode::CREATED, Json(json!({"ok": true}))).into_response())
}

impl Gate {
    async fn requests(
        &self,
        (ecosystem, name): (Ecosystem, &str),
        limit: u32,
    ) -> Result<Vec<Event>, crate::database::DatabaseError> {
        self.journal.flush().await;
        let kind = Some(EventKind::Request.id());
        let package = Some((ecosystem.id(), name));
        self.database.events(kind, package, limit).await
    }

    /// Requests about whose release nobody decided since, the newest first.
    pub(crate) async fn open_requests(
        &self,
        limit: u32,
    ) -> Result<Vec<Event>, crate::database::DatabaseError> {
        self.journal.flush().await;
        let kind = Some(EventKind::Request.id());
        let mut open = Vec::new();
        for event in self.database.events(kind, None, limit).await? {
            let Some(ecosystem) = Ecosystem::from_prefix(&event.ecosystem) else {
                continue;
            };
            let release = ReleaseId::new(ecosystem, &event.name, &event.version);
            let record = self.record(&(ecosystem, release.name.clone())).await?;
            let decisions = record.people.get(&event.version);
            let mut decisions = decisions.into_iter().flatten();
            if !decisions.any(|decision| decision.at >= event.at) {
                open.push(event);
            }
        }
        Ok(open)
    }
}
