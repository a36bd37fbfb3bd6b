//! Tokens, for programs.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Administrator, error, failed};
use crate::admin::{VISIBLE, is_visible, whole};
use crate::database::in_days;
use crate::gate::Gate;
use crate::identity::{Scopes, TokenInfo};
use crate::pattern::PackagePattern;
use axum::response::Response;

/// A token that somebody wants.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenWish {
    /// Whose it is, for the log.
    #[schemars(length(max = 200), regex(pattern = VISIBLE))]
    name: String,
    /// What it allows.
    scopes: Scopes,
    /// It stops to work after so many days.
    #[serde(default, deserialize_with = "whole")]
    #[schemars(range(min = 1, max = 3650))]
    days: Option<u32>,
}

/// A token's text, this once.
#[derive(Serialize, JsonSchema)]
pub(super) struct Made {
    token: String,
}

pub(super) async fn list(
    State(gate): State<Arc<Gate>>,
    _admin: Administrator,
) -> Result<Json<Vec<TokenInfo>>, Response> {
    let tokens = gate.tokens().list().await;
    Ok(Json(tokens.map_err(|e| failed(&e))?))
}

pub(super) async fn make(
    State(gate): State<Arc<Gate>>,
    Administrator(caller): Administrator,
    wish: Result<Json<TokenWish>, axum::extract::rejection::JsonRejection>,
) -> Result<(StatusCode, Json<Made>), Response> {
    let bad = |reason: &str| error(StatusCode::BAD_REQUEST, reason);
    let Json(wish) = wish.map_err(|e| bad(&e.body_text()))?;
    let name = wish.name.as_str();
    if !is_visible(name, 200) || wish.scopes.verbs.is_empty() {
        return Err(bad("a token needs a name and something that it allows"));
    }
    for pattern in &wish.scopes.packages {
        PackagePattern::parse(pattern).map_err(|reason| bad(&reason))?;
        if !PackagePattern::is_plain(pattern) {
            let hint = "write `pypi:acme-*` or `npm:@acme/*@1.*`";
            return Err(bad(&format!("`{pattern}` is no pattern; {hint}")));
        }
    }
    let expires = in_days(wish.days).map_err(bad)?;
    let tokens = gate.tokens().by(caller.principal.name());
    let token = tokens.issue(name, &wish.scopes, expires).await;
    let token = token.map_err(|e| failed(&e))?;
    Ok((StatusCode::CREATED, Json(Made { token })))
}

pub(super) async fn revoke(
    State(gate): State<Arc<Gate>>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, Response> {
    let tokens = gate.tokens().by(caller.principal.name());
    let done = tokens.revoke(&id).await;
    if done.map_err(|e| failed(&e))? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(error(StatusCode::NOT_FOUND, "there is no such token"))
    }
}
