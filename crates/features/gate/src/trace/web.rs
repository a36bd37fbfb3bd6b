//! The span of a request: from its head until the end of its answer.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, USER_AGENT};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use bytes::Bytes;
use foretaste_model::Ecosystem;
use http_body::{Frame, SizeHint};
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
    let response = CURRENT.scope(active.clone(), next.run(request)).await;
    answered(&mut told, &response);
    let promised = text(response.headers(), CONTENT_LENGTH.as_str());
    let promised = promised.and_then(|length| length.parse().ok());
    response.map(|body| {
        Body::new(Spanned {
            promised: promised.or(body.size_hint().exact()),
            body,
            sent: 0,
            active,
            ending: Some((span, name, told)),
        })
    })
}

/// A body whose end is that of a span. What it asks for while it is sent belongs to the span, too.
struct Spanned {
    body: Body,
    /// Its length, if that is told: whoever sends asks for no more than that.
    promised: Option<u64>,
    sent: u64,
    active: Active,
    /// None once it has ended.
    ending: Option<(Span, String, Told)>,
}

impl Spanned {
    fn end(&mut self, broken: Option<&str>) {
        let Some((span, name, mut told)) = self.ending.take() else {
            return;
        };
        told.attributes
            .push(("http.response.body.size", self.sent.into()));
        if let Some(reason) = broken {
            told.failed.get_or_insert_with(|| reason.to_owned());
        }
        self.active.sender.put(span.end(&name, told));
    }
}

impl HttpBody for Spanned {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        let active = this.active.clone();
        let polled = CURRENT.sync_scope(active, || Pin::new(&mut this.body).poll_frame(cx));
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                this.sent += frame.data_ref().map_or(0, |data| data.len() as u64);
            }
            Poll::Ready(Some(Err(error))) => this.end(Some(&error.to_string())),
            Poll::Ready(None) => this.end(None),
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Who sends does not ask for the end of what is known to be whole, nor of what nobody takes any more.
impl Drop for Spanned {
    fn drop(&mut self) {
        let whole = self.body.is_end_stream() || self.promised == Some(self.sent);
        self.end((!whole).then_some("the client did not take all of the answer"));
    }
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
