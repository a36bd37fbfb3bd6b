//! The overview, the log and the search.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::filters;
use super::session::Session;
use super::view::{self, Row};
use crate::database::{Consumer, Counts, EventKind, now};
use crate::gate::Gate;
use crate::metrics::SERVED;

/// Lines of a list.
const LINES: u32 = 20;
/// Lines of the log.
const LOG_LINES: u32 = 200;
/// Packages that a search lists.
const FOUND: u32 = 100;
const DAY: i64 = 86_400;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    session: Session,
    counts: Counts,
    waiting: usize,
    mismatches: u64,
    /// Ecosystem, files from upstream, files published here.
    totals: Vec<(&'static str, i64, i64)>,
    blocked: Vec<Row>,
    consumers: Vec<Consumer>,
}

/// `GET /admin/`
pub(super) async fn overview(
    State(gate): State<Arc<Gate>>,
    session: Session,
) -> Result<Response, Response> {
    gate.journal.flush().await;
    let since = now() - DAY;
    let database = &gate.database;
    let found = tokio::try_join!(
        database.counts(since),
        database.queue(1_000),
        database.blocked(LINES),
        database.consumers(since, LINES),
    );
    let (counts, queue, blocked, consumers) = found.map_err(|e| view::failed(&e))?;
    let mut totals = Vec::new();
    for ecosystem in SERVED {
        let (public, private) = database
            .totals(ecosystem)
            .await
            .map_err(|e| view::failed(&e))?;
        totals.push((ecosystem.title(), public, private));
    }
    Ok(view::page(&Overview {
        session,
        counts,
        waiting: queue.len(),
        mismatches: gate.metrics.mismatches(),
        totals,
        blocked: blocked.into_iter().map(Row).collect(),
        consumers,
    }))
}

#[derive(Deserialize)]
pub(super) struct Which {
    kind: Option<String>,
}

#[derive(Template)]
#[template(path = "log.html")]
struct Log {
    session: Session,
    /// The kind that is shown; empty for all.
    shown: &'static str,
    kinds: [&'static str; 6],
    events: Vec<Row>,
}

/// `GET /admin/log`
pub(super) async fn log(
    State(gate): State<Arc<Gate>>,
    session: Session,
    Query(which): Query<Which>,
) -> Result<Response, Response> {
    gate.journal.flush().await;
    let kinds = EventKind::ALL.map(EventKind::id);
    let kind = kinds.into_iter().find(|k| which.kind.as_deref() == Some(k));
    let events = gate.database.events(kind, None, LOG_LINES).await;
    Ok(view::page(&Log {
        session,
        shown: kind.unwrap_or_default(),
        kinds,
        events: events
            .map_err(|e| view::failed(&e))?
            .into_iter()
            .map(Row)
            .collect(),
    }))
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search {
    session: Session,
    text: String,
    /// What it is called, and where its page is.
    found: Vec<(String, String)>,
}

/// `GET /admin/search`
pub(super) async fn search(
    State(gate): State<Arc<Gate>>,
    session: Session,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Response> {
    let found = gate.database.search(&wanted.q.to_lowercase(), FOUND).await;
    let found = found.map_err(|e| view::failed(&e))?;
    let found = found.into_iter().map(|(ecosystem, name)| {
        let link = view::link(&ecosystem, &name);
        (format!("{ecosystem}: {name}"), link)
    });
    Ok(view::page(&Search {
        session,
        text: wanted.q,
        found: found.collect(),
    }))
}
