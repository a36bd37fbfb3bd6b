//! Who is signed in. Sessions live in memory: a restart ends them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::view;
use crate::gate::Gate;
use crate::identity::{Principal, Verb, in_force, random, same_hash};

/// How long somebody stays signed in.
const LASTS: Duration = Duration::from_hours(12);
/// Sessions at the same time.
const MOST: usize = 1_000;
/// The cookie's name.
pub(super) const COOKIE_NAME: &str = "foretaste-gate";

/// A signed-in administrator.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// The token's name.
    pub(super) name: String,
    /// The token's id: once it is revoked, the session is over.
    token: String,
    /// What every form must bring back.
    pub(super) csrf: String,
    until: Instant,
}

impl Session {
    /// True if a form came from one of our own pages.
    pub(super) fn sent(&self, csrf: &str) -> bool {
        same_hash(&self.csrf, csrf)
    }
}

/// The sessions, by the secret in the cookie.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// Begins a session and returns its secret.
    pub(super) fn begin(&self, name: &str, token: &str) -> String {
        let secret = hex::encode(random::<32>());
        let now = Instant::now();
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, s| now < s.until);
        if all.len() >= MOST {
            all.clear();
        }
        let session = Session {
            name: name.to_owned(),
            token: token.to_owned(),
            csrf: hex::encode(random::<32>()),
            until: now + LASTS,
        };
        all.insert(secret.clone(), session);
        secret
    }

    /// Ends a session.
    pub(super) fn end(&self, headers: &HeaderMap) {
        if let Some(secret) = secret(headers) {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.remove(&secret);
        }
    }

    fn find(&self, headers: &HeaderMap) -> Option<Session> {
        let secret = secret(headers)?;
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&secret)
            .filter(|s| Instant::now() < s.until)
            .cloned()
    }
}

fn secret(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value.to_owned())
}

impl FromRequestParts<Arc<Gate>> for Session {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, gate: &Arc<Gate>) -> Result<Self, Response> {
        let to_login = || Redirect::to("/admin/login").into_response();
        let session = gate.sessions.find(&parts.headers).ok_or_else(to_login)?;
        let stored = gate
            .database
            .token(&session.token)
            .await
            .map_err(|error| view::failed(&error))?;
        match stored.and_then(in_force) {
            Some(Principal::Token { scopes, .. }) if scopes.allow(Verb::Admin) => Ok(session),
            _ => Err(to_login()),
        }
    }
}
