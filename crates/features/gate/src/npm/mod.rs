//! npm packages: documents in both forms, tarballs, publishing, tags, and what `npm audit` asks.

mod account;
mod audit;
mod document;
mod modify;
mod publish;
mod render;
mod route;
mod tarball;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::any;

use crate::candidate::Candidate;
use crate::gate::Gate;
use crate::pages::NoPage;
use crate::record::Key;

pub(crate) use document::Document;

/// The routes, below `/npm`.
pub(crate) fn routes() -> Router<Arc<Gate>> {
    // names hold slashes, as they are or escaped, so that the paths are read by hand
    Router::new().route(
        "/{*path}",
        any(route::route).layer(DefaultBodyLimit::disable()),
    )
}

/// Every tarball of a package.
pub(crate) async fn candidates(gate: &Arc<Gate>, key: &Key) -> Result<Vec<Candidate>, NoPage> {
    let (document, _) = document::load(gate, key).await?;
    Ok(document
        .versions
        .iter()
        .map(|v| v.candidate.clone())
        .collect())
}
