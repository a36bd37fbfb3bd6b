//! Which path means what.

use std::sync::Arc;

use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::HOST;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use foretaste_model::Ecosystem;
use foretaste_model::target::is_valid_name;
use serde_json::json;

use super::{account, audit, modify, publish, tarball};
use crate::gate::{Gate, key};
use crate::publish::Refusal;
use crate::record::Key;
use crate::web::{self, Caller};

/// A request, read as far as every answer needs it.
pub(super) struct Ask {
    pub(super) caller: Caller,
    pub(super) method: Method,
    pub(super) headers: HeaderMap,
    /// The URL of this registry, without a slash at its end.
    pub(super) base: String,
    pub(super) body: Bytes,
    pub(super) query: String,
}

/// Bytes of what is asked or said without publishing: a lock to audit, names and passwords.
const QUESTION_LIMIT: usize = 16 << 20;

/// Everything below `/npm`.
pub(super) async fn route(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(path): Path<String>,
    request: Request,
) -> Result<Response, Response> {
    let (parts, body) = request.into_parts();
    let path = path.trim_end_matches('/');
    // a document with a tarball in base64; whoever may not publish is not listened to for so long
    let publishes = parts.method == Method::PUT && !path.starts_with("-/");
    if publishes && caller.is_anonymous() {
        return done(Err(Refusal::Unauthorized("publishing needs a token")));
    }
    let limit = if publishes {
        let limit = gate.settings().decide.file_bytes() / 3 * 4;
        usize::try_from(limit).unwrap_or(usize::MAX).min(1 << 30)
    } else {
        QUESTION_LIMIT
    };
    let body = to_bytes(body, limit)
        .await
        .map_err(|e| error(StatusCode::PAYLOAD_TOO_LARGE, &e.to_string()))?;
    let ask = Ask {
        caller,
        base: base(&gate, &parts.headers),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        method: parts.method,
        headers: parts.headers,
        body,
    };
    if let Some(special) = path.strip_prefix("-/") {
        return special_path(&gate, &ask, special).await;
    }
    let (name, rest) = split(path);
    if !is_valid_name(Ecosystem::Npm, name) {
        return Err(error(
            StatusCode::NOT_FOUND,
            &format!("{name:?} is no name of an npm package"),
        ));
    }
    let key = key(Ecosystem::Npm, name);
    let words: Vec<&str> = rest.split('/').filter(|w| !w.is_empty()).collect();
    let reading = ask.method == Method::GET || ask.method == Method::HEAD;
    match words.as_slice() {
        [] if reading => tarball::document(&gate, &ask, key).await,
        [] if ask.method == Method::PUT => done(publish::put(&gate, &ask, &key).await),
        ["-", file] if reading => tarball::get(&gate, &ask, &key, file).await,
        ["-rev", _] if ask.method == Method::PUT => done(modify::replace(&gate, &ask, &key).await),
        ["-rev", _] if ask.method == Method::DELETE => {
            done(modify::unpublish(&gate, &ask, &key, None).await)
        }
        ["-", file, "-rev", _] if ask.method == Method::DELETE => {
            done(modify::unpublish(&gate, &ask, &key, Some(file)).await)
        }
        [version] if reading => tarball::version(&gate, &ask, &key, version).await,
        _ => Err(error(StatusCode::NOT_FOUND, "there is nothing here")),
    }
}

/// A name, with its scope, and what follows it.
fn split(path: &str) -> (&str, &str) {
    let slashes = usize::from(path.starts_with('@'));
    match path.match_indices('/').nth(slashes) {
        Some((at, _)) => (&path[..at], &path[at + 1..]),
        None => (path, ""),
    }
}

async fn special_path(gate: &Arc<Gate>, ask: &Ask, path: &str) -> Result<Response, Response> {
    let words: Vec<&str> = path.split('/').collect();
    match words.as_slice() {
        ["ping"] => Ok(Json(json!({})).into_response()),
        ["whoami"] => account::whoami(ask),
        ["user", user] if ask.method == Method::PUT => account::login(gate, ask, user).await,
        ["user", "token", _] if ask.method == Method::DELETE => {
            Ok(Json(json!({"ok": true})).into_response())
        }
        ["v1", "search"] => account::search(gate, ask).await,
        ["npm", "v1", "security", "advisories", "bulk"] if ask.method == Method::POST => {
            audit::bulk(gate, ask)
        }
        ["npm", "v1", "security", "audits", "quick"] | ["npm", "v1", "security", "audits"]
            if ask.method == Method::POST =>
        {
            audit::quick(gate, ask)
        }
        ["npm", "v1", "keys"] | ["npm", "v1", "attestations", ..] => {
            audit::signatures(gate, path).await
        }
        ["package", rest @ ..] => {
            let at = rest.iter().position(|w| *w == "dist-tags");
            let at = at.ok_or_else(|| error(StatusCode::NOT_FOUND, "there is nothing here"))?;
            let name = rest[..at].join("/");
            let tag = rest.get(at + 1).copied();
            modify::tags(gate, ask, &name, tag).await
        }
        _ => Err(error(StatusCode::NOT_FOUND, "there is nothing here")),
    }
}

/// Where a client reaches this registry: tarballs have absolute URLs.
fn base(gate: &Gate, headers: &HeaderMap) -> String {
    web::base(gate, headers.get(HOST)) + "/npm"
}

/// An error as npm prints it, and in the status line, which pnpm and yarn print.
pub(super) fn error(status: StatusCode, message: &str) -> Response {
    let body = Json(json!({"error": message, "reason": message}));
    let mut response = (status, body).into_response();
    web::say_in_status_line(&mut response, message);
    response
}

/// A change that was made, or why not.
fn done(result: Result<serde_json::Value, Refusal>) -> Result<Response, Response> {
    match result {
        Ok(value) => Ok((StatusCode::CREATED, Json(value)).into_response()),
        Err(refusal) => Err(error(refusal.status(), refusal.message())),
    }
}

impl From<Refusal> for Response {
    fn from(refusal: Refusal) -> Self {
        error(refusal.status(), refusal.message())
    }
}

/// The package that a name outside of the path's beginning means.
pub(super) fn named(name: &str) -> Result<Key, Response> {
    if is_valid_name(Ecosystem::Npm, name) {
        Ok(key(Ecosystem::Npm, name))
    } else {
        Err(error(
            StatusCode::NOT_FOUND,
            "this is no name of an npm package",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_end_where_their_scope_allows() {
        assert_eq!(split("left-pad"), ("left-pad", ""));
        assert_eq!(split("left-pad/-/x.tgz"), ("left-pad", "-/x.tgz"));
        assert_eq!(split("@acme/ui"), ("@acme/ui", ""));
        assert_eq!(split("@acme/ui/1.0.0"), ("@acme/ui", "1.0.0"));
    }
}
