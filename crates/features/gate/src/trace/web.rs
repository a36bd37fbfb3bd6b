//! The span of a request: from its head until the head of its answer.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use foretaste_model::Ecosystem;
use jiff::Timestamp;

use super::context::{Context, Parent, span_id, trace_id};
use super::{Active, CURRENT, Kind, Sender, Span, Told};
use crate::gate::Gate;

/// Characters of what a client wrote.
const CHARS: usize = 256;

/// Puts a span around each request, if there is a collector.
pub(crate) fn layer(gate: &Arc<Gate>, routes: Router<Arc<Gate>>) -> Router<Arc<Gate>> {
    match &gate.traces {
        Some(sender) => routes.layer(from_fn_with_state(Arc::clone(sender), request)),
        None => routes,
    }
}

async fn request(State(sender): State<Arc<Sender>>, request: Request, next: Next) -> Response {
    let (trace, parent) = match Parent::of(request.headers()) {
        Parent::Unrecorded => return next.run(request).await,
        Parent::Recorded(parent) => (parent.trace, Some(parent.span)),
        Parent::None => (trace_id(), None),
    };
    let span = Span {
        context: Context {
            trace,
            span: span_id(),
        },
        parent,
        kind: Kind::Server,
        begin: Timestamp::now(),
    };
    let (name, mut told) = asked(&request);
    let active = Active {
        sender: Arc::clone(&sender),
        context: span.context,
    };
    let response = CURRENT.scope(active, next.run(request)).await;
    answered(&mut told, &response);
    sender.put(span.end(&name, told));
    response
}

/// What the request says; its query may hold what is nobody's business.
fn asked(request: &Request) -> (String, Told) {
    let method = request.method().as_str();
    let path = request.uri().path();
    let mut attributes = vec![
        ("http.request.method", method.into()),
        ("url.path", short(path).into()),
    ];
    let route = request.extensions().get::<MatchedPath>();
    let name = match route {
        Some(route) => format!("{method} {}", route.as_str()),
        None => method.to_owned(),
    };
    if let Some(route) = route {
        attributes.push(("http.route", route.as_str().into()));
    }
    let ecosystem = path.split('/').nth(1).and_then(Ecosystem::from_prefix);
    if let Some(ecosystem) = ecosystem {
        attributes.push(("foretaste.ecosystem", ecosystem.id().into()));
    }
    if let Some(ConnectInfo(client)) = request.extensions().get::<ConnectInfo<SocketAddr>>() {
        attributes.push(("client.address", client.ip().to_string().into()));
    }
    if let Some(agent) = text(request.headers(), USER_AGENT.as_str()) {
        attributes.push(("user_agent.original", short(&agent).into()));
    }
    let told = Told {
        attributes,
        failed: None,
    };
    (name, told)
}

fn answered(told: &mut Told, response: &Response) {
    let status = response.status();
    let number = status.as_u16();
    told.attributes
        .push(("http.response.status_code", number.into()));
    for (key, header) in [
        ("foretaste.decision", "foretaste-decision"),
        ("foretaste.reason", "foretaste-reason"),
    ] {
        if let Some(text) = text(response.headers(), header) {
            told.attributes.push((key, text.into()));
        }
    }
    if status.is_server_error() {
        told.failed = Some(number.to_string());
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn short(text: &str) -> String {
    text.chars().take(CHARS).collect()
}
