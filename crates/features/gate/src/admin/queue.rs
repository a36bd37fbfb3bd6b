//! What waits for a person.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::filters;
use super::session::Session;
use super::view::{self, Row};
use crate::gate::Gate;

/// Entries of the page.
const ENTRIES: u32 = 100;

#[derive(Template)]
#[template(path = "queue.html")]
struct Queue {
    session: Session,
    requests: Vec<Row>,
    entries: Vec<Entry>,
}

struct Entry {
    ecosystem: String,
    name: String,
    version: String,
    filename: String,
    digests: String,
    verdict: String,
    score: String,
    judged: String,
    reasons: Vec<String>,
    link: String,
}

/// `GET /admin/queue`
pub(super) async fn queue(
    State(gate): State<Arc<Gate>>,
    session: Session,
) -> Result<Response, Response> {
    let requests = gate.open_requests(ENTRIES).await;
    let requests = requests.map_err(|e| view::failed(&e))?;
    let waiting = gate.database.queue(ENTRIES).await;
    let entries = waiting
        .map_err(|e| view::failed(&e))?
        .into_iter()
        .map(|j| Entry {
            link: view::link(&j.ecosystem, &j.name),
            ecosystem: j.ecosystem,
            name: j.name,
            version: j.version,
            filename: j.filename,
            digests: format!("sha256:{}", j.sha256),
            verdict: j.verdict.to_string(),
            score: format!("{:.2}", j.score),
            judged: view::time(j.at),
            reasons: j.reasons,
        });
    Ok(view::page(&Queue {
        session,
        requests: requests.into_iter().map(Row).collect(),
        entries: entries.collect(),
    }))
}
