//! Sends spans in the background, in batches; what there is no room or no collector for is dropped and counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use foretaste_io::http::CachePolicy;
use foretaste_io::otlp::{resource, scope, with_headers};
use foretaste_io::{Environment, HttpClient, HttpOptions, Request};
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use url::Url;

use crate::settings::Traces;

/// Spans that wait, and spans of one request: as OpenTelemetry's own libraries have them.
const WAITING: usize = 2048;
const BATCH: usize = 512;
/// How long a span waits for others.
const TOGETHER: Duration = Duration::from_secs(2);
/// How long the collector may take for a batch.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where the collector's interface is, below its endpoint.
const PATH: &str = "/v1/traces";

enum Item {
    Span(Value),
    /// Everything before it is to be sent now.
    Flush(oneshot::Sender<()>),
}

/// What a variable says, if anything.
fn variable<'a>(environment: &'a Environment, name: &str) -> Option<&'a str> {
    environment.var(name).filter(|text| !text.trim().is_empty())
}

/// The collector's interface for spans, by the settings, else by the environment; none if neither names a collector, or the
/// environment switches it off.
///
/// <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>
///
/// # Errors
/// What they name is no URL.
fn interface(settings: &Traces, environment: &Environment) -> Result<Option<Url>, String> {
    let says = |name, word: &str| {
        variable(environment, name).is_some_and(|text| text.trim().eq_ignore_ascii_case(word))
    };
    if says("OTEL_SDK_DISABLED", "true") || says("OTEL_TRACES_EXPORTER", "none") {
        return Ok(None);
    }
    let (general, whole) = (
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
    );
    let (name, text) = if let Some(text) = &settings.endpoint {
        ("traces.endpoint", text.as_str())
    } else if let Some(text) = variable(environment, whole) {
        (whole, text)
    } else if let Some(text) = variable(environment, general) {
        (general, text)
    } else {
        return Ok(None);
    };
    let url = Url::parse(text.trim())
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let mut url = url.ok_or_else(|| {
        format!("{name}: this is no URL of a collector; write `http://collector:4318`")
    })?;
    let below = url.path().trim_end_matches('/').to_owned();
    // only this variable names the interface itself
    if name != whole && !below.ends_with(PATH) {
        url.set_path(&format!("{below}{PATH}"));
    }
    Ok(Some(url))
}

/// The way to the collector.
pub(crate) struct Sender {
    queue: mpsc::Sender<Item>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    dropped: AtomicU64,
}

fn add(counter: &AtomicU64, by: usize) {
    counter.fetch_add(by.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
}

impl Sender {
    /// To the collector of the settings, else of the environment; none if neither names one.
    ///
    /// # Errors
    /// What the environment names is no URL.
    pub(crate) fn find(
        settings: &Traces,
        environment: &Environment,
        http: &HttpOptions,
    ) -> Result<Option<Arc<Self>>, String> {
        let Some(url) = interface(settings, environment)? else {
            return Ok(None);
        };
        let (queue, items) = mpsc::channel(WAITING);
        let counts = Arc::<Counts>::default();
        let exporter = Exporter {
            request: with_headers(Request::get(url).cache(CachePolicy::Never), environment),
            service: variable(environment, "OTEL_SERVICE_NAME")
                .unwrap_or("foretaste-gate")
                .to_owned(),
            http: HttpClient::new(HttpOptions {
                cache_dir: None,
                retries: 1,
                connect_timeout: PATIENCE,
                read_timeout: PATIENCE,
                reach: None,
                ..http.clone()
            }),
            counts: Arc::clone(&counts),
        };
        tokio::spawn(exporter.run(items));
        Ok(Some(Arc::new(Self { queue, counts })))
    }

    /// Sends a span some time, or never.
    pub(super) fn put(&self, span: Value) {
        if self.queue.try_send(Item::Span(span)).is_err() {
            add(&self.counts.dropped, 1);
        }
    }

    /// Sends what waits, for as long as the collector may take.
    pub(crate) async fn flush(&self) {
        let flushed = async {
            let (done, sent) = oneshot::channel();
            if self.queue.send(Item::Flush(done)).await.is_ok() {
                let _ = sent.await;
            }
        };
        let _ = timeout(PATIENCE, flushed).await;
    }

    /// Spans that the collector took, and spans that were dropped.
    pub(crate) fn counts(&self) -> (u64, u64) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (read(&self.counts.sent), read(&self.counts.dropped))
    }
}

struct Exporter {
    request: Request,
    service: String,
    http: HttpClient,
    counts: Arc<Counts>,
}

impl Exporter {
    async fn run(self, mut items: mpsc::Receiver<Item>) {
        let mut is_away = false;
        while let Some(first) = items.recv().await {
            let (mut spans, mut flush) = (Vec::new(), None);
            let mut take = |item| match item {
                Item::Span(span) => spans.push(span),
                Item::Flush(done) => flush = Some(done),
            };
            let first_is_flush = matches!(first, Item::Flush(_));
            take(first);
            if !first_is_flush {
                let more = async {
                    for _ in 1..BATCH {
                        let Some(item) = items.recv().await else {
                            break;
                        };
                        let ends = matches!(item, Item::Flush(_));
                        take(item);
                        if ends {
                            break;
                        }
                    }
                };
                let _ = timeout(TOGETHER, more).await;
            }
            if !spans.is_empty() {
                let sent = timeout(PATIENCE, self.send(&spans)).await;
                let sent = sent.unwrap_or_else(|_| Err("it takes too long".to_owned()));
                // an outage is told once
                match &sent {
                    Err(reason) if !is_away => {
                        tracing::warn!(reason, "traces do not reach their collector");
                    }
                    _ => {}
                }
                is_away = sent.is_err();
                let refused = sent.unwrap_or(spans.len()).min(spans.len());
                add(&self.counts.dropped, refused);
                add(&self.counts.sent, spans.len() - refused);
            }
            if let Some(done) = flush {
                let _ = done.send(());
            }
        }
    }

    /// How many of them the collector refused.
    async fn send(&self, spans: &[Value]) -> Result<usize, String> {
        let body = json!({
            "resourceSpans": [{
                "resource": resource(&self.service),
                "scopeSpans": [{"scope": scope(), "spans": spans}],
            }],
        });
        let answer = self.http.post_json(self.request.clone(), &body).await;
        let answer = answer.map_err(|e| e.to_string())?;
        let answer: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        // a 64-bit number: text, or not
        let refused = &answer["partialSuccess"]["rejectedSpans"];
        let refused = refused
            .as_str()
            .map_or_else(|| refused.as_u64(), |text| text.parse().ok());
        Ok(refused
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    type Variables<'a> = &'a [(&'a str, &'a str)];

    fn found(settings: Option<&str>, variables: Variables<'_>) -> Result<Option<String>, String> {
        let settings = Traces {
            endpoint: settings.map(str::to_owned),
        };
        let mut environment = Environment::below(Path::new("/none"));
        for (name, value) in variables {
            environment = environment.with(name, value);
        }
        interface(&settings, &environment).map(|url| url.map(|url| url.to_string()))
    }

    #[test]
    fn the_collector_is_found_as_the_specification_says() {
        const GENERAL: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        let cases: &[(Option<&str>, Variables<'_>, Option<&str>)] = &[
            (None, &[], None),
            (None, &[(GENERAL, " ")], None),
            (
                None,
                &[(GENERAL, "http://c:4318")],
                Some("http://c:4318/v1/traces"),
            ),
            (
                None,
                &[(GENERAL, "http://c/otlp/")],
                Some("http://c/otlp/v1/traces"),
            ),
            (
                None,
                &[(GENERAL, "http://c/v1/traces")],
                Some("http://c/v1/traces"),
            ),
            // this one names the interface itself
            (
                None,
                &[(GENERAL, "http://c"), (TRACES, "http://t/mine")],
                Some("http://t/mine"),
            ),
            (
                Some("http://s"),
                &[(TRACES, "http://t/mine")],
                Some("http://s/v1/traces"),
            ),
            (Some("http://s"), &[("OTEL_SDK_DISABLED", "TRUE")], None),
            (Some("http://s"), &[("OTEL_TRACES_EXPORTER", "none")], None),
            (
                Some("http://s"),
                &[("OTEL_TRACES_EXPORTER", "otlp")],
                Some("http://s/v1/traces"),
            ),
        ];
        for (settings, variables, expected) in cases {
            let found = found(*settings, variables).expect("a URL or none");
            assert_eq!(found.as_deref(), *expected, "{settings:?} {variables:?}");
        }
        for bad in ["collector:4318", "ftp://c/", "grpc://c:4317"] {
            let error = found(None, &[(GENERAL, bad)]).expect_err("a mistake");
            assert!(error.contains(GENERAL) && error.contains("4318"), "{error}");
        }
    }
}
