//! Spans of requests and of the work that they cause, sent to a collector as OTLP.
//!
//! What a task belongs to lies in the task; without a collector nothing does, and each call here is one look at that.

mod context;
mod send;
mod web;

use std::sync::Arc;

use foretaste_io::otlp::attribute;
use jiff::Timestamp;
use serde_json::{Value, json};

use self::context::{Context, span_id};
pub(crate) use self::send::Sender;
pub(crate) use self::web::layer;

tokio::task_local! {
    /// The span that the task works for.
    static CURRENT: Active;
}

#[derive(Clone)]
struct Active {
    sender: Arc<Sender>,
    context: Context,
}

fn current() -> Option<Active> {
    CURRENT.try_with(Clone::clone).ok()
}

/// The role of a span, as numbered by the protocol.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    /// Work inside.
    Internal = 1,
    /// An answer to a client.
    Server = 2,
    /// A question to another server.
    Client = 3,
}

/// Work for a task that outlives the one that begins it: it belongs to the same span.
pub(crate) fn inherit<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let active = current();
    async move {
        match active {
            Some(active) => CURRENT.scope(active, work).await,
            None => work.await,
        }
    }
}

/// Work as a child of the current span, if there is one. `told` says of its result what is worth an attribute, and whether
/// it failed.
pub(crate) async fn child<F: Future>(
    (name, kind): (&str, Kind),
    work: F,
    told: impl FnOnce(&F::Output) -> Told,
) -> F::Output {
    let Some(Active { sender, context }) = current() else {
        return work.await;
    };
    let (begin, id) = (Timestamp::now(), span_id());
    let active = Active {
        sender: Arc::clone(&sender),
        context: Context {
            span: id,
            ..context
        },
    };
    let result = CURRENT.scope(active, work).await;
    let span = Span {
        context: Context {
            span: id,
            ..context
        },
        parent: Some(context.span),
        kind,
        begin,
    };
    sender.put(span.end(name, told(&result)));
    result
}

/// What a span tells when it ends.
#[derive(Default)]
pub(crate) struct Told {
    /// Attributes by name.
    pub(crate) attributes: Vec<(&'static str, Value)>,
    /// Why the work failed.
    pub(crate) failed: Option<String>,
}

/// A span that has begun.
struct Span {
    context: Context,
    parent: Option<[u8; 8]>,
    kind: Kind,
    begin: Timestamp,
}

impl Span {
    /// As the protocol has it: ids as hex, times as text.
    fn end(&self, name: &str, told: Told) -> Value {
        let attributes = told.attributes.iter();
        let attributes: Vec<Value> = attributes.map(|(key, v)| attribute(key, v)).collect();
        let nanoseconds = |time: Timestamp| time.as_nanosecond().to_string();
        let mut span = json!({
            "traceId": hex::encode(self.context.trace),
            "spanId": hex::encode(self.context.span),
            "name": name,
            "kind": self.kind as u8,
            "startTimeUnixNano": nanoseconds(self.begin),
            "endTimeUnixNano": nanoseconds(Timestamp::now().max(self.begin)),
            "attributes": attributes,
            "status": {},
        });
        if let Some(parent) = self.parent {
            span["parentSpanId"] = hex::encode(parent).into();
        }
        if let Some(reason) = told.failed {
            span["status"] = json!({"code": 2, "message": reason});
        }
        span
    }
}
