//! Pages for administrators.

use std::sync::Arc;

use axum::Router;

use crate::gate::Gate;

/// Sessions.
#[derive(Debug, Default)]
pub(crate) struct Sessions;

pub(crate) fn routes() -> Router<Arc<Gate>> {
    Router::new()
}
