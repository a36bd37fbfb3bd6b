//! Signing in with a token, and out.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::session::{self, COOKIE_NAME, Session};
use super::view;
use crate::gate::Gate;
use crate::identity::{Principal, TokenText, Verb};
use crate::web;

#[derive(Template)]
#[template(path = "login.html")]
struct Login {
    failed: bool,
}

#[derive(Deserialize)]
pub(super) struct Credentials {
    token: String,
}

#[derive(Deserialize)]
pub(super) struct Leaving {
    #[serde(default)]
    csrf: String,
}

/// `GET /admin/login`
pub(super) async fn form() -> Response {
    view::page(&Login { failed: false })
}

/// `POST /admin/login`
pub(super) async fn login(
    State(gate): State<Arc<Gate>>,
    Form(credentials): Form<Credentials>,
) -> Response {
    let known = match gate.recognise(&credentials.token).await {
        Ok(known) => known,
        Err(error) => return view::failed(&error),
    };
    let Some(Principal::Token { name, scopes }) = known else {
        return refused();
    };
    if !scopes.allow(Verb::Admin) {
        return refused();
    }
    let Some(token) = TokenText::parse(&credentials.token) else {
        return refused();
    };
    let secret = match session::begin(&gate, &name, &token.id).await {
        Ok(secret) => secret,
        Err(error) => return view::failed(&error),
    };
    let is_https = web::base(&gate, None).starts_with("https://");
    let secure = if is_https { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE_NAME}={secret}; Path=/admin; HttpOnly; SameSite=Strict; Max-Age=43200{secure}"
    );
    let mut response = Redirect::to("/admin/").into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

fn refused() -> Response {
    let mut response = view::page(&Login { failed: true });
    *response.status_mut() = StatusCode::FORBIDDEN;
    response
}

/// `POST /admin/logout`
pub(super) async fn logout(
    State(gate): State<Arc<Gate>>,
    session: Session,
    headers: HeaderMap,
    Form(form): Form<Leaving>,
) -> Response {
    if session.sent(&form.csrf)
        && let Err(error) = session::end(&gate, &headers).await
    {
        return view::failed(&error);
    }
    Redirect::to("/admin/login").into_response()
}
