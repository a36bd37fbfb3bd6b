//! Python packages: the simple repository API (PEP 503, 592, 629, 658, 691, 700, 714, 740, 792) and the legacy upload API.

mod extract;
mod files;
mod project;
mod provenance;
mod render;
mod roots;
mod signature;
mod simple;
mod transparency;
mod upload;
mod wheel;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::candidate::Candidate;
use crate::gate::Gate;
use crate::pages::NoPage;
use crate::record::Key;

pub(crate) use extract::Extractions;
pub(crate) use project::Project;
pub(crate) use roots::Roots;

/// The routes, below `/pypi`.
pub(crate) fn routes() -> Router<Arc<Gate>> {
    let upload = post(upload::upload).layer(DefaultBodyLimit::disable());
    Router::new()
        .route("/simple/", get(simple::list))
        .route("/simple", get(simple::add_slash))
        .route("/simple/{name}/", get(simple::page))
        .route("/simple/{name}", get(simple::add_slash))
        .route("/files/{name}/{filename}", get(files::get))
        .route("/provenance/{name}/{filename}", get(provenance::get))
        .route("/legacy/", upload.clone())
        .route("/legacy", upload)
}

/// Every file of a project.
pub(crate) async fn candidates(gate: &Arc<Gate>, key: &Key) -> Result<Vec<Candidate>, NoPage> {
    let (project, _) = project::project(gate, key).await?;
    Ok(project.files.iter().map(|f| f.candidate.clone()).collect())
}
