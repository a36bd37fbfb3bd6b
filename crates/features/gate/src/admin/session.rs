//! Who is signed in.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::view;
use crate::database::{DatabaseResult, StoredSession, now};
use crate::gate::Gate;
use crate::identity::{Principal, Verb, hash, in_force, random, same_hash};

/// Seconds for which somebody stays signed in.
const LASTS: i64 = 12 * 3600;
/// The cookie's name.
pub(super) const COOKIE_NAME: &str = "foretaste-gate";

/// Where to sign in.
const LOGIN: &str = "/admin/login";

/// A signed-in administrator.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The token's name.
    pub(super) name: String,
    /// What every form must bring back.
    pub(super) csrf: String,
}

impl Session {
    /// True if a form came from one of our own pages.
    pub(super) fn sent(&self, csrf: &str) -> bool {
        same_hash(&self.csrf, csrf)
    }
}

/// Begins a session and returns the secret for its cookie. Once the token of this id is revoked, the session is over.
pub(super) async fn begin(gate: &Gate, name: &str, token: &str) -> DatabaseResult<String> {
    let secret = hex::encode(random::<32>());
    let session = StoredSession {
        name: name.to_owned(),
        token: token.to_owned(),
        csrf: hex::encode(random::<32>()),
        until: now() + LASTS,
    };
    gate.database
        .begin_session(&hash(&secret), &session)
        .await?;
    Ok(secret)
}

/// Ends a session.
pub(super) async fn end(gate: &Gate, headers: &HeaderMap) -> DatabaseResult<()> {
    match secret(headers) {
        Some(secret) => gate.database.end_session(&hash(secret)).await,
        None => Ok(()),
    }
}

fn secret(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value)
}

async fn find(gate: &Gate, headers: &HeaderMap) -> DatabaseResult<Option<Session>> {
    let Some(secret) = secret(headers) else {
        return Ok(None);
    };
    let Some(stored) = gate.database.session(&hash(secret)).await? else {
        return Ok(None);
    };
    let token = gate.database.token(&stored.token).await?;
    Ok(match token.and_then(in_force) {
        Some(Principal::Token { scopes, .. }) if scopes.allow(Verb::Admin) => Some(Session {
            name: stored.name,
            csrf: stored.csrf,
        }),
        _ => None,
    })
}

impl FromRequestParts<Arc<Gate>> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Self, Response> {
        let session = find(gate, &parts.headers).await;
        let session = session.map_err(|error| view::failed(&error))?;
        // a list that is fetched anew cannot show the page for signing in: the whole page goes there
        let part = parts.headers.contains_key("hx-request");
        session.ok_or_else(|| {
            if part {
                ([("hx-redirect", LOGIN)], ()).into_response()
            } else {
                Redirect::to(LOGIN).into_response()
            }
        })
    }
}
