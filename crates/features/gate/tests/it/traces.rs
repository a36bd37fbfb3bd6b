//! Spans arrive at a collector on loopback, and cost nobody anything if it is away.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer};
use serde_json::{Value, json};

use crate::support::{TestGate, wheel, wheel_name};

const FILE: &str = "/pypi/files/frob/frob-1.2-py3-none-any.whl";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// What was posted: where, its type, and its body.
type Posted = Arc<Mutex<Vec<(String, String, Value)>>>;

async fn take(
    State(posted): State<Posted>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> &'static str {
    let content_type = headers["content-type"].to_str().expect("text").to_owned();
    let body = serde_json::from_str(&body).expect("JSON");
    let one = (uri.path().to_owned(), content_type, body);
    posted.lock().expect("a lock").push(one);
    "{}"
}

async fn collector() -> (SocketAddr, Posted) {
    let posted = Posted::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let address = listener.local_addr().expect("an address");
    let routes = Router::new().fallback(take).with_state(posted.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (address, posted)
}

async fn upstream() -> FakeServer {
    let file =
        |version, word| FakeFile::new(&wheel_name("frob", version), &wheel("frob", version, word));
    let project = FakeProject::new("frob")
        .file(file("1.2", "fine"))
        .file(file("1.3", "MALICIOUS"));
    FakePypi::new().project(project).start().await
}

fn settings(upstream: &FakeServer, traces: &str) -> String {
    format!(
        "[upstream]\npypi = ['{}/simple/']\nnpm = []\ncargo = []\n{traces}",
        upstream.url()
    )
}

fn attribute<'a>(span: &'a Value, key: &str) -> &'a Value {
    let all = span["attributes"].as_array().expect("a list");
    let found = all.iter().find(|attribute| attribute["key"] == key);
    found.map_or(&Value::Null, |attribute| &attribute["value"])
}

fn is_hex(text: &Value, digits: usize) -> bool {
    let text = text.as_str().unwrap_or_default();
    text.len() == digits
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[tokio::test]
async fn a_request_and_what_it_causes_are_spans_of_the_clients_trace() {
    let (upstream, (address, posted)) = (upstream().await, collector().await);
    let traces = format!("[traces]\nendpoint = 'http://{address}'\n");
    let mut gate = TestGate::start(&settings(&upstream, &traces)).await;
    let within = format!("00-{TRACE}-{PARENT}-01");
    let headers = [
        ("traceparent", within.as_str()),
        ("user-agent", "pip/26.0 {}"),
    ];
    assert_eq!(gate.ask("GET", FILE, &headers, b"").await.status, 200);
    let refused = gate.get(&FILE.replace("1.2", "1.3")).await;
    assert_eq!(refused.status, 403);
    let unrecorded = format!("00-{TRACE}-{PARENT}-00");
    gate.ask("GET", "/ready", &[("traceparent", &unrecorded)], b"")
        .await;
    // nothing waits for the next batch at the end
    gate.end().await;

    let posted = posted.lock().expect("a lock").clone();
    assert!(!posted.is_empty());
    let mut spans = Vec::new();
    for (path, content_type, body) in &posted {
        assert_eq!(
            (path.as_str(), content_type.as_str()),
            ("/v1/traces", "application/json")
        );
        let resource = &body["resourceSpans"][0];
        assert_eq!(
            resource["resource"]["attributes"],
            json!([{"key": "service.name", "value": {"stringValue": "foretaste-gate"}}])
        );
        assert_eq!(resource["scopeSpans"][0]["scope"]["name"], "foretaste");
        let more = resource["scopeSpans"][0]["spans"].as_array();
        spans.extend(more.expect("spans").iter().cloned());
    }
    for span in &spans {
        assert!(
            is_hex(&span["traceId"], 32) && is_hex(&span["spanId"], 16),
            "{span}"
        );
        let time = |key: &str| -> u64 {
            span[key]
                .as_str()
                .expect("text")
                .parse()
                .expect("nanoseconds")
        };
        let (begin, end) = (time("startTimeUnixNano"), time("endTimeUnixNano"));
        assert!(1_700_000_000_000_000_000 < begin && begin <= end, "{span}");
    }
    let servers: Vec<&Value> = spans.iter().filter(|span| span["kind"] == 2).collect();
    assert_eq!(
        servers.len(),
        2,
        "an unrecorded trace has no span: {servers:#?}"
    );
    let (good, bad) = (servers[0], servers[1]);
    assert_eq!(
        (&good["traceId"], &good["parentSpanId"]),
        (&json!(TRACE), &json!(PARENT))
    );
    assert_eq!(attribute(good, "http.request.method")["stringValue"], "GET");
    assert_eq!(
        attribute(good, "http.response.status_code")["intValue"],
        "200"
    );
    assert_eq!(attribute(good, "url.path")["stringValue"], FILE);
    assert_eq!(
        attribute(good, "foretaste.ecosystem")["stringValue"],
        "pypi"
    );
    assert_eq!(
        attribute(good, "client.address")["stringValue"],
        "127.0.0.1"
    );
    assert_eq!(
        attribute(good, "user_agent.original")["stringValue"],
        "pip/26.0 {}"
    );
    let route = attribute(good, "http.route")["stringValue"].as_str();
    let route = route.expect("a route");
    assert!(route.starts_with("/pypi/files/{"), "{route}");
    assert_eq!(good["name"], format!("GET {route}"));
    assert_ne!(bad["traceId"], TRACE);
    assert!(bad.get("parentSpanId").is_none());
    assert_eq!(
        attribute(bad, "foretaste.decision")["stringValue"],
        refused.header("foretaste-decision")
    );
    assert!(!refused.header("foretaste-decision").is_empty());
    for server in servers {
        for (name, kind) in [("fetch a file", 3), ("vet", 1)] {
            let child = spans
                .iter()
                .find(|span| span["name"] == name && span["parentSpanId"] == server["spanId"]);
            let child = child.unwrap_or_else(|| panic!("{name}: {spans:#?}"));
            assert_eq!(
                (&child["traceId"], &child["kind"]),
                (&server["traceId"], &json!(kind))
            );
        }
    }
    assert!(
        spans
            .iter()
            .any(|span| span["name"] == "ask an index" && span["parentSpanId"] == good["spanId"])
    );
}

#[tokio::test]
async fn without_a_collector_spans_are_dropped_and_counted() {
    let upstream = upstream().await;
    // nobody listens there
    let traces = "[traces]\nendpoint = 'http://127.0.0.1:9'\n";
    let gate = TestGate::start(&settings(&upstream, traces)).await;
    assert_eq!(gate.get(FILE).await.status, 200);
    for _ in 0..100 {
        let metrics = gate.get("/metrics").await.text();
        assert!(
            metrics.contains("foretaste_gate_spans_sent_total 0\n"),
            "{metrics}"
        );
        if !metrics.contains("foretaste_gate_spans_dropped_total 0\n") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing was dropped");
}

#[tokio::test]
async fn nothing_is_traced_unless_it_is_asked_for() {
    let upstream = upstream().await;
    let gate = TestGate::start(&settings(&upstream, "")).await;
    assert_eq!(gate.get(FILE).await.status, 200);
    assert!(!gate.get("/metrics").await.text().contains("spans"));
}

#[test]
fn an_endpoint_is_a_url() {
    let text = "[traces]\nendpoint = 'collector:4318'\n";
    let read = foretaste_gate::Settings::parse("gate.toml", text, std::path::Path::new(""));
    let error = read.expect_err("a mistake").to_string();
    assert!(
        error.contains("gate.toml:2:1") && error.contains("no URL of a collector"),
        "{error}"
    );
}
