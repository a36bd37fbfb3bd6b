//! Crates: the sparse index, downloads, and the web API for publishing.

mod api;
mod crate_file;
mod download;
mod index;
mod publish;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, put};

use crate::candidate::Candidate;
use crate::gate::Gate;
use crate::pages::NoPage;
use crate::record::Key;

pub(crate) use crate_file::Line;

/// The routes, below `/cargo`.
pub(crate) fn routes() -> Router<Arc<Gate>> {
    let new = put(publish::new).layer(DefaultBodyLimit::disable());
    Router::new()
        .route("/index/config.json", get(index::config))
        .route("/index/{*path}", get(index::page))
        .route("/dl/{name}/{version}/download", get(download::get))
        .route("/api/v1/crates", get(api::search))
        .route("/api/v1/crates/new", new)
        .route("/api/v1/crates/{name}/{version}/yank", delete(api::yank))
        .route("/api/v1/crates/{name}/{version}/unyank", put(api::unyank))
        .route(
            "/api/v1/crates/{name}/owners",
            get(api::owners).put(api::own).delete(api::own),
        )
        .route("/me", get(api::me))
}

/// Every file of a crate.
pub(crate) async fn candidates(gate: &Arc<Gate>, key: &Key) -> Result<Vec<Candidate>, NoPage> {
    let (lines, _) = crate_file::load(gate, key).await?;
    Ok(lines.iter().map(|l| l.candidate.clone()).collect())
}
