//! Approving and denying.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use foretaste_model::target::is_valid_name;
use foretaste_model::{Digest, Ecosystem, ReleaseId};
use serde::Deserialize;

use super::session::Session;
use super::view;
use crate::database::{EventKind, Saying, now};
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
    /// The files that stood on the page, by digest and separated by spaces: an approval is good for those.
    #[serde(default)]
    digests: String,
    /// Days until an approval stops to count; empty for never.
    #[serde(default)]
    days: String,
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
    let digests: Vec<String> = choice
        .digests
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if !digests
        .iter()
        .all(|d| d.parse::<Digest>().is_ok_and(|d| d.algorithm.is_strong()))
    {
        return Err(bad("this form names files that are none"));
    }
    let approved = match choice.decision.as_str() {
        "approve" if digests.is_empty() => {
            return Err(bad(
                "an approval is good for the files that it names, and this one names none",
            ));
        }
        "approve" => Some(digests.as_slice()),
        "deny" => None,
        _ => return Err(bad("choose approve or deny")),
    };
    let until = match choice.days.trim() {
        "" => None,
        days => {
            let days: u32 = days.parse().map_err(|_| bad("the days must be a number"))?;
            Some(now() + i64::from(days) * 86_400)
        }
    };
    let reason = choice.reason.trim();
    if reason.is_empty() {
        return Err(bad("a decision needs a reason"));
    }
    let key = key(ecosystem, &choice.name);
    let place = (ecosystem, key.1.as_str(), choice.version.as_str());
    gate.database
        .decide(
            place,
            Saying {
                approved,
                reason,
                person: &session.name,
                until,
            },
        )
        .await
        .map_err(|e| view::failed(&e))?;
    gate.touch(&key);
    let release = ReleaseId::new(ecosystem, key.1.as_str(), &choice.version);
    let what = if approved.is_some() {
        "approved"
    } else {
        "denied"
    };
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
