//! Pages for administrators: server-rendered. They need no script; with the one that comes along, the log is live.

mod decide;
mod filters;
mod login;
mod overview;
mod package;
mod queue;
mod session;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::response::IntoResponse as _;
use axum::routing::{get, post};

use crate::gate::Gate;

pub(crate) use decide::{VISIBLE, Wish, is_visible, whole};

/// The routes.
pub(crate) fn routes() -> Router<Arc<Gate>> {
    Router::new()
        .route("/admin/", get(overview::overview))
        .route("/admin/queue", get(queue::queue))
        .route("/admin/log", get(overview::log))
        .route("/admin/search", get(overview::search))
        .route("/admin/package/{ecosystem}/{*name}", get(package::package))
        .route("/admin/decide", post(decide::decide))
        .route("/admin/login", get(login::form).post(login::login))
        .route("/admin/logout", post(login::logout))
        .route(
            "/admin/style.css",
            get(async || ([(CONTENT_TYPE, "text/css")], STYLE).into_response()),
        )
        .route(
            "/admin/htmx.js",
            get(async || ([(CONTENT_TYPE, "text/javascript")], HTMX).into_response()),
        )
        .layer(middleware::map_response(view::guard))
}

const STYLE: &str = include_str!("../../templates/style.css");
/// htmx 2 (0BSD, see the licence beside it), as published.
const HTMX: &str = include_str!("../../templates/vendor/htmx-2.0.11.min.js");
