//! Documents, manifests and tarballs as answers.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::document::{self, Document};
use super::render;
use super::route::{Ask, error};
use crate::decide::{Asked, Ruling};
use crate::deliver::Delivery;
use crate::gate::Gate;
use crate::pages::{Form, NoPage, Page};
use crate::record::{Key, Record};
use crate::web;

const FORMS: [(Form, &[&str]); 2] = [
    (Form::Packument, &["application/json"]),
    (Form::Abbreviated, &["application/vnd.npm.install-v1+json"]),
];
/// The media types of the two forms.
const FULL: &str = "application/json";
const SHORT: &str = "application/vnd.npm.install-v1+json";

fn no_page(no: &NoPage, name: &str) -> Response {
    match no {
        NoPage::Absent => error(
            StatusCode::NOT_FOUND,
            &format!("no package {name} is known here"),
        ),
        NoPage::Trouble(reason) => web::trouble(reason),
    }
}

fn refused(ruling: &Ruling) -> Response {
    let mut response = error(StatusCode::FORBIDDEN, &ruling.line());
    web::decision_headers(&mut response, ruling);
    response
}

/// Which versions are left, and why the others are not.
fn decide(
    gate: &Gate,
    key: &Key,
    document: &Document,
    record: &Record,
    team: &str,
) -> (Vec<bool>, Vec<Ruling>) {
    let asked = Asked {
        owned: gate.owns(key, record),
        team,
    };
    let (mut shown, mut hidden) = (Vec::new(), Vec::new());
    for version in &document.versions {
        let stays = gate.shows(&version.candidate, record, asked);
        shown.push(stays);
        if !stays {
            hidden.push(gate.judge_known(&version.candidate, record, asked));
        }
    }
    (shown, hidden)
}

/// `GET /<name>`
pub(super) async fn document(gate: &Arc<Gate>, ask: &Ask, key: Key) -> Result<Response, Response> {
    // npm and its kin take any JSON
    let form = web::prefers(&ask.headers, &FORMS)
        .copied()
        .unwrap_or(Form::Packument);
    let (of, base) = (key.clone(), ask.base.clone());
    let name = key.1.as_str().to_owned();
    let team = ask.caller.team(gate).to_owned();
    let view = (form, team.clone());
    let page = gate.page(key, view, &ask.base, move |gate| async move {
        let (document, record) = document::load(&gate, &of).await?;
        let (shown, hidden) = decide(&gate, &of, &document, &record, &team);
        let short = form == Form::Abbreviated;
        let value = render::document(&document, &shown, &hidden, &base, short);
        let media_type = if short { SHORT } else { FULL };
        Ok(Page::new(media_type, value.to_string().into_bytes()))
    });
    let page = page.await.map_err(|no| no_page(&no, &name))?;
    Ok(web::page(&page, &ask.headers))
}

/// `GET /<name>/<version or tag>`
pub(super) async fn version(
    gate: &Arc<Gate>,
    ask: &Ask,
    key: &Key,
    wanted: &str,
) -> Result<Response, Response> {
    let (document, record) = document::load(gate, key)
        .await
        .map_err(|no| no_page(&no, key.1.as_str()))?;
    let wanted = document.tags.get(wanted).map_or(wanted, String::as_str);
    let found = document
        .versions
        .iter()
        .find(|v| &*v.candidate.release.version == wanted)
        .ok_or_else(|| {
            error(
                StatusCode::NOT_FOUND,
                &format!("{} has no version {wanted}", key.1),
            )
        })?;
    let ruling = gate.judge_known(
        &found.candidate,
        &record,
        ask.caller.asked(gate, gate.owns(key, &record)),
    );
    if ruling.hides() {
        return Err(refused(&ruling));
    }
    Ok(Json(render::manifest(&document, found, &ask.base, false)).into_response())
}

/// `GET /<name>/-/<file>`; the document may never have been asked for.
pub(super) async fn get(
    gate: &Arc<Gate>,
    ask: &Ask,
    key: &Key,
    file: &str,
) -> Result<Response, Response> {
    let (document, _) = document::load(gate, key)
        .await
        .map_err(|no| no_page(&no, key.1.as_str()))?;
    let found = document
        .versions
        .iter()
        .find(|v| v.candidate.filename == file)
        .ok_or_else(|| {
            error(
                StatusCode::NOT_FOUND,
                &format!("{} has no tarball {file}", key.1),
            )
        })?;
    let to = Delivery {
        caller: &ask.caller,
        method: &ask.method,
        headers: &ask.headers,
        content_type: "application/octet-stream",
        refuse: |line| error(StatusCode::FORBIDDEN, line),
        absent: |reason| error(StatusCode::NOT_FOUND, reason),
    };
    Ok(gate.deliver(&found.candidate, &to).await)
}
