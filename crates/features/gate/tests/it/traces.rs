//! Spans arrive at a collector on loopback, and cost nobody anything if it is away.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use foretaste_fake_registries::{FakeFile, FakeProject, FakePypi, FakeServer};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{TestGate, wheel, wheel_name};

const FILE: &str = "/pypi/files/frob/frob-1.2-py3-none-any.whl";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";

/// What was posted: where, its headers, and its body.
type Posted = Arc<Mutex<Vec<(String, HeaderMap, Value)>>>;

async fn take(
    State(posted): State<Posted>,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> &'static str {
    let body = serde_json::from_str(&body).expect("JSON");
    let one = (uri.path().to_owned(), headers, body);
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
    for (path, headers, body) in &posted {
        assert_eq!(path, "/v1/traces");
        assert_eq!(headers["content-type"], "application/json");
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
    let size = wheel("frob", "1.2", "fine").len().to_string();
    assert_eq!(attribute(good, "http.response.body.size")["intValue"], size);
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

/// The spans of a server among what was posted.
fn servers(posted: &Posted) -> Vec<Value> {
    let posted = posted.lock().expect("a lock");
    let spans = posted.iter().flat_map(|(_, _, body)| {
        let spans = &body["resourceSpans"][0]["scopeSpans"][0]["spans"];
        spans.as_array().expect("spans").clone()
    });
    spans.filter(|span| span["kind"] == 2).collect()
}

#[tokio::test]
async fn variables_name_the_collector_the_service_and_what_the_collector_wants_to_be_told() {
    let (upstream, (address, posted)) = (upstream().await, collector().await);
    let endpoint = format!("http://{address}/below");
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        (
            "OTEL_EXPORTER_OTLP_HEADERS",
            "authorization=Bearer%20s3cret, x-team = acme ",
        ),
        ("OTEL_SERVICE_NAME", "gate-of-acme"),
    ];
    let mut gate = TestGate::start_among(&settings(&upstream, ""), &variables).await;
    gate.get("/health").await;
    gate.end().await;
    let posted = posted.lock().expect("a lock").clone();
    let [(path, headers, body)] = &posted[..] else {
        panic!("one batch: {posted:?}")
    };
    assert_eq!(path, "/below/v1/traces");
    assert_eq!(headers["authorization"], "Bearer s3cret");
    assert_eq!(headers["x-team"], "acme");
    assert_eq!(
        body["resourceSpans"][0]["resource"]["attributes"],
        json!([{"key": "service.name", "value": {"stringValue": "gate-of-acme"}}])
    );
}

#[tokio::test]
async fn a_span_ends_with_the_body_and_tells_that_it_was_cut() {
    let (address, posted) = collector().await;
    let big = wheel("frob", "1.2", &"x".repeat(12 << 20));
    let file = FakeFile::new(&wheel_name("frob", "1.2"), &big);
    let upstream = FakePypi::new().project(FakeProject::new("frob").file(file));
    let upstream = upstream.start().await;
    let traces = format!("[traces]\nendpoint = 'http://{address}'\n");
    let mut gate = TestGate::start(&settings(&upstream, &traces)).await;
    assert_eq!(gate.get(FILE).await.body.len(), big.len());

    // a client that waits with its eyes closed, and leaves
    let mut socket = tokio::net::TcpStream::connect(gate.address)
        .await
        .expect("connects");
    let request = format!("GET {FILE} HTTP/1.1\r\nhost: gate\r\n\r\n");
    socket.write_all(request.as_bytes()).await.expect("sent");
    let mut start = [0; 16];
    socket.read_exact(&mut start).await.expect("an answer");
    assert_eq!(&start[..12], b"HTTP/1.1 200");
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(socket);
    tokio::time::sleep(Duration::from_millis(100)).await;
    gate.end().await;

    let servers = servers(&posted);
    let [whole, cut] = &servers[..] else {
        panic!("{servers:#?}")
    };
    let sent = |span: &Value| -> usize {
        let size = &attribute(span, "http.response.body.size")["intValue"];
        size.as_str().expect("text").parse().expect("a number")
    };
    assert_eq!((sent(whole), &whole["status"]), (big.len(), &json!({})));
    assert!(sent(cut) < big.len(), "{cut}");
    assert_eq!(cut["status"]["code"], 2, "{cut}");
    let time = |key: &str| -> u64 {
        let text = cut[key].as_str().expect("text");
        text.parse().expect("nanoseconds")
    };
    let lasted = time("endTimeUnixNano") - time("startTimeUnixNano");
    assert!(lasted >= 300_000_000, "it is {lasted} ns long");
}
