//! Approving and denying.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use foretaste_model::target::is_valid_name;
use foretaste_model::{Ecosystem, ReleaseId};
use serde::Deserialize;

use super::session::Session;
use super::view;
use crate::database::EventKind;
use crate::gate::{Gate, key};
use crate::web;

#[derive(Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    csrf: String,
    ecosystem: String,
    name: String,
    version: String,
    decision: String,
    reason: String,
}

/// `POST /admin/decide`
pub(super) async fn decide(
    State(gate): State<Arc<Gate>>,
    session: Session,
    Form(choice): Form<Choice>,
) -> Result<Response, Response> {
    if !session.sent(&choice.csrf) {
        let reason = "this form did not come from a page of the gate; go back and load it again";
        return Err(web::plain(StatusCode::FORBIDDEN, reason));
    }
    let bad = |reason: &str| web::plain(StatusCode::BAD_REQUEST, reason);
    let ecosystem = Ecosystem::from_prefix(&choice.ecosystem)
        .filter(|e| is_valid_name(*e, &choice.name))
        .ok_or_else(|| bad("there is no such package"))?;
    let approved = match choice.decision.as_str() {
        "approve" => true,
        "deny" => false,
        _ => return Err(bad("choose approve or deny")),
    };
    let reason = choice.reason.trim();
    if reason.is_empty() {
        return Err(bad("a decision needs a reason"));
    }
    let key = key(ecosystem, &choice.name);
    let place = (ecosystem, key.1.as_str(), choice.version.as_str());
    gate.database
        .decide(place, approved, reason, &session.name)
        .await
        .map_err(|e| view::failed(&e))?;
    gate.touch(&key);
    let release = ReleaseId::new(ecosystem, key.1.as_str(), &choice.version);
    let what = if approved { "approved" } else { "denied" };
    gate.log(
        EventKind::Admin,
        Some(&release),
        what,
        reason,
        &session.name,
    )
    .await;
    Ok(Redirect::to(&view::link(ecosystem.id(), key.1.as_str())).into_response())
}
