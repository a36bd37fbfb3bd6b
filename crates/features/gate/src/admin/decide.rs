//! Approving and denying.

use std::sync::Arc;

use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use foretaste_model::target::is_valid_name;
use foretaste_model::{Digest, Ecosystem, ReleaseId};
use schemars::JsonSchema;
use serde::Deserialize;

use super::session::Session;
use super::view;
use crate::database::{DatabaseResult, EventKind, Saying, now};
use crate::gate::{Gate, key};
use crate::record::Key;
use crate::web;

/// What an administrator wants to happen to a release.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// `pypi`, `npm` or `cargo`.
    ecosystem: String,
    /// The package.
    name: String,
    /// Its version.
    #[schemars(length(min = 1, max = 200))]
    version: String,
    /// What to do.
    decision: Choice,
    /// Why; the reader of a refusal sees it.
    #[schemars(length(min = 1, max = 500))]
    reason: String,
    /// The files that an approval is good for, as `sha256:hex`.
    #[serde(default)]
    digests: Vec<String>,
    /// Days until it stops to count; for ever without it.
    #[serde(default)]
    #[schemars(range(min = 1, max = 3650))]
    days: Option<u32>,
}

/// Approve or deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Choice {
    /// Serve these files.
    Approve,
    /// Refuse every file of the version.
    Deny,
}

/// The form of the pages.
#[derive(Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    csrf: String,
    ecosystem: String,
    name: String,
    version: String,
    decision: Choice,
    reason: String,
    /// Separated by spaces.
    #[serde(default)]
    digests: String,
    /// Empty for ever.
    #[serde(default)]
    days: String,
}

/// `POST /admin/decide`
pub(super) async fn decide(
    State(gate): State<Arc<Gate>>,
    session: Session,
    Form(sent): Form<Sent>,
) -> Result<Response, Response> {
    if !session.sent(&sent.csrf) {
        let reason = "this form did not come from a page of the gate; go back and load it again";
        return Err(web::plain(StatusCode::FORBIDDEN, reason));
    }
    let bad = |reason: &str| web::plain(StatusCode::BAD_REQUEST, reason);
    let days = match sent.days.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| bad("the days must be a number"))?),
    };
    let wish = Wish {
        digests: sent.digests.split_whitespace().map(str::to_owned).collect(),
        ecosystem: sent.ecosystem,
        name: sent.name,
        version: sent.version,
        decision: sent.decision,
        reason: sent.reason,
        days,
    };
    let done = gate.carry_out(&wish, &session.name).await;
    let key = done.map_err(|e| view::failed(&e))?.map_err(bad)?;
    Ok(Redirect::to(&view::link(key.0.id(), key.1.as_str())).into_response())
}

impl Gate {
    /// Does what an administrator wants, or says what is wrong with it.
    pub(crate) async fn carry_out(
        &self,
        wish: &Wish,
        person: &str,
    ) -> DatabaseResult<Result<Key, &'static str>> {
        let found = Ecosystem::from_prefix(&wish.ecosystem);
        let Some(ecosystem) = found.filter(|e| is_valid_name(*e, &wish.name)) else {
            return Ok(Err("there is no such package"));
        };
        let strong = |d: &String| d.parse::<Digest>().is_ok_and(|d| d.algorithm.is_strong());
        if !wish.digests.iter().all(strong) {
            return Ok(Err("what it names as digests are none"));
        }
        let approved = (wish.decision == Choice::Approve).then_some(wish.digests.as_slice());
        if approved.is_some_and(<[String]>::is_empty) {
            return Ok(Err(
                "an approval is good for the files that it names, and this one names none",
            ));
        }
        let (reason, version) = (wish.reason.trim(), wish.version.trim());
        if reason.is_empty() || version.is_empty() {
            return Ok(Err("a decision needs a version and a reason"));
        }
        if wish.days.is_some_and(|days| !(1..=3650).contains(&days)) {
            return Ok(Err("the days must lie between 1 and 3650"));
        }
        let key = key(ecosystem, &wish.name);
        let saying = Saying {
            approved,
            reason,
            person,
            until: wish.days.map(|days| now() + i64::from(days) * 86_400),
        };
        let place = (ecosystem, key.1.as_str(), version);
        self.database.decide(place, saying).await?;
        self.touch(&key);
        let release = ReleaseId::new(ecosystem, key.1.as_str(), version);
        let what = if approved.is_some() {
            "approved"
        } else {
            "denied"
        };
        self.log(EventKind::Admin, Some(&release), what, reason, person)
            .await;
        Ok(Ok(key))
    }
}
