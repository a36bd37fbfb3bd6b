//! Pages of the simple repository API.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{OriginalUri, Path, State};
use axum::http::header::{CONTENT_TYPE, HOST, LOCATION, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use foretaste_model::Ecosystem;
use foretaste_model::target::is_valid_name;
use serde_json::json;

use super::project::{ProjectFile, project};
use super::render;
use crate::decide::{Asked, Ruling};
use crate::gate::{Gate, key};
use crate::pages::{Form, NoPage, Page};
use crate::record::Key;
use crate::web::{self, Caller};
use foretaste_report::escape::html as escape;

const FORMATS: [(Form, &[&str]); 2] = [
    (
        Form::SimpleJson,
        &[
            render::JSON,
            "application/vnd.pypi.simple.latest+json",
            "application/json",
        ],
    ),
    (
        Form::SimpleHtml,
        &[
            "application/vnd.pypi.simple.v1+html",
            "application/vnd.pypi.simple.latest+html",
            "text/html",
        ],
    ),
];

/// A browser and an old client want HTML; who says nothing gets JSON.
fn format(headers: &HeaderMap) -> Result<Form, Response> {
    web::prefers(headers, &FORMATS).copied().ok_or_else(|| {
        web::plain(
            StatusCode::NOT_ACCEPTABLE,
            "pages come as application/vnd.pypi.simple.v1+json and as text/html",
        )
    })
}

/// `/simple/`: what is known here, never the whole list of an upstream.
pub(super) async fn list(
    State(gate): State<Arc<Gate>>,
    _caller: Caller,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let form = format(&headers)?;
    let names = gate.database.known_names(Ecosystem::Pypi).await;
    let names = names.map_err(|e| web::outage(&e))?;
    let (content_type, body) = if form == Form::SimpleJson {
        let projects: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
        let page = json!({"meta": {"api-version": "1.4"}, "projects": projects});
        (render::JSON, page.to_string())
    } else {
        let links: Vec<String> = names
            .iter()
            .map(|name| format!("<a href=\"{0}/\">{0}</a><br>", escape(name)))
            .collect();
        let head = "<!DOCTYPE html>\n<html><head><meta name=\"pypi:repository-version\" content=\"1.4\"><title>Simple index</title></head><body>";
        (
            render::HTML,
            format!("{head}\n{}\n</body></html>\n", links.join("\n")),
        )
    };
    let mut response = Response::new(Body::from(body));
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    out.insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// PEP 503: URLs end with a slash.
pub(super) async fn add_slash(OriginalUri(uri): OriginalUri) -> Response {
    let last = uri.path().rsplit('/').next().unwrap_or_default();
    redirect(&format!("{last}/"))
}

fn redirect(to: &str) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(LOCATION, to);
    }
    response
}

/// `/simple/<name>/`
pub(super) async fn page(
    State(gate): State<Arc<Gate>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    if !is_valid_name(Ecosystem::Pypi, &name) {
        return Err(web::text(
            StatusCode::NOT_FOUND,
            "this is no name of a Python package",
        ));
    }
    let form = format(&headers)?;
    let key = key(Ecosystem::Pypi, &name);
    if key.1.as_str() != name {
        return Ok(redirect(&format!("../{}/", key.1)));
    }
    let of = key.clone();
    let team = caller.team(&gate).to_owned();
    let view = (form, team.clone());
    let base = web::base(&gate, headers.get(HOST));
    let shown = base.clone();
    let built = gate.page(key, view, &base, |gate| async move {
        build(&gate, &of, form, (&team, &shown)).await
    });
    match built.await {
        Ok(page) => Ok(web::page(&page, &headers)),
        Err(NoPage::Absent) => Err(web::text(
            StatusCode::NOT_FOUND,
            &format!("no package {name} is known here"),
        )),
        Err(NoPage::Trouble(reason)) => Err(web::trouble(&reason)),
    }
}

async fn build(
    gate: &Arc<Gate>,
    key: &Key,
    form: Form,
    (team, base): (&str, &str),
) -> Result<Page, NoPage> {
    let (project, record) = project(gate, key).await?;
    let asked = Asked {
        owned: gate.owns(key, &record),
        team,
    };
    let (shown, hidden): (Vec<&ProjectFile>, Vec<&ProjectFile>) = project
        .files
        .iter()
        .partition(|file| gate.shows(&file.candidate, &record, asked));
    if form == Form::SimpleHtml {
        let page = render::html(&project, &record, &shown, base);
        return Ok(Page::new(render::HTML, page));
    }
    // only JSON has a place for reasons
    let hidden: Vec<Ruling> = hidden
        .iter()
        .map(|file| gate.judge_known(&file.candidate, &record, asked))
        .collect();
    let page = render::json(&project, &record, &shown, &hidden, base);
    Ok(Page::new(render::JSON, page))
}
