//! Events arrive, in each collector's protocol, at a server on loopback.
#![cfg(target_os = "linux")]

use std::collections::HashMap;
use std::path::Path;

use foretaste_io::{Environment, HttpClient, HttpOptions};
use foretaste_monitor::export::{Exporter, Place};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, UdpSocket};

/// One request: its line and headers in lower case, and its body.
struct Asked {
    line: String,
    headers: HashMap<String, String>,
    body: String,
}

fn lines() -> Vec<Value> {
    vec![
        json!({"@timestamp": "2026-11-01T08:00:00.5Z", "event": {"kind": "event", "action": "exec"}, "message": "started pip", "process": {"pid": 7, "args": ["pip"]}}),
        json!({"@timestamp": "2026-11-01T08:00:01Z", "event": {"kind": "alert", "action": "connection"}, "message": "\u{1b}[31mred", "destination": {"port": 443}}),
    ]
}

/// Sends the lines to a server that answers with this body.
async fn asked(kind: &str, answer: &str, variables: &[(&str, &str)]) -> (Asked, Vec<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let answer = answer.to_owned();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut bytes = Vec::new();
        let (head, body) = loop {
            let mut buffer = [0; 4096];
            let count = stream.read(&mut buffer).await.expect("read");
            bytes.extend(&buffer[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head
                    .lines()
                    .find_map(|line| {
                        line.to_ascii_lowercase()
                            .strip_prefix("content-length: ")
                            .map(str::to_owned)
                    })
                    .and_then(|length| length.parse().ok())
                    .unwrap_or(0);
                if body.len() >= length {
                    break (head.to_owned(), body.to_owned());
                }
            }
        };
        let response = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
            answer.len()
        );
        stream
            .write_all(response.as_bytes())
            .await
            .expect("written");
        let mut lines = head.lines();
        Asked {
            line: lines.next().unwrap_or_default().to_owned(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body,
        }
    });
    let place: Place = format!("{kind}:http://{address}").parse().expect("a place");
    let mut environment = Environment::below(Path::new("/none"));
    for (name, value) in variables {
        environment = environment.with(name, value);
    }
    let http = HttpClient::new(HttpOptions::from_environment(&environment));
    let failures = Exporter::new(vec![place], http, environment)
        .send(&lines())
        .await;
    (
        server.await.expect("asked"),
        failures.iter().map(ToString::to_string).collect(),
    )
}

#[tokio::test]
async fn elastic_gets_a_bulk_into_a_data_stream() {
    let (asked, failures) = asked(
        "elastic",
        r#"{"errors":false,"items":[]}"#,
        &[("FORETASTE_ELASTIC_API_KEY", "abc")],
    )
    .await;
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(
        asked.line,
        "POST /logs-foretaste.monitor-default/_bulk HTTP/1.1"
    );
    assert_eq!(asked.headers["content-type"], "application/x-ndjson");
    assert_eq!(asked.headers["authorization"], "ApiKey abc");
    let lines: Vec<Value> = asked
        .body
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(
        (lines.len(), &lines[0], &lines[1]["message"]),
        (4, &json!({"create": {}}), &json!("started pip"))
    );
    assert!(!asked.body.contains('\u{1b}'));
}

#[tokio::test]
async fn what_elastic_refuses_is_told() {
    let answer = r#"{"errors":true,"items":[{"create":{"error":{"reason":"mapper parsing"}}}]}"#;
    let (_, failures) = asked("elastic", answer, &[]).await;
    assert!(
        failures
            .first()
            .is_some_and(|failure| failure.contains("mapper parsing")),
        "{failures:?}"
    );
}

#[tokio::test]
async fn splunk_gets_events_with_its_token_and_times() {
    let (asked, failures) = asked(
        "splunk",
        r#"{"text":"Success","code":0}"#,
        &[("FORETASTE_SPLUNK_TOKEN", "s3")],
    )
    .await;
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(asked.line, "POST /services/collector/event HTTP/1.1");
    assert_eq!(asked.headers["authorization"], "Splunk s3");
    let events: Vec<Value> = serde_json::Deserializer::from_str(&asked.body)
        .into_iter()
        .collect::<Result<_, _>>()
        .expect("JSON");
    assert_eq!(
        (
            events.len(),
            &events[0]["time"],
            &events[1]["event"]["event"]["kind"]
        ),
        (2, &json!("1793520000.500"), &json!("alert"))
    );
}

#[tokio::test]
async fn datadog_gets_a_list_with_its_key() {
    let (asked, failures) = asked("datadog", "{}", &[("DD_API_KEY", "dd")]).await;
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(
        (&*asked.line, &*asked.headers["dd-api-key"]),
        ("POST /api/v2/logs HTTP/1.1", "dd")
    );
    let entries: Value = serde_json::from_str(&asked.body).expect("JSON");
    assert_eq!(
        (&entries[0]["ddsource"], &entries[1]["status"]),
        (&json!("foretaste"), &json!("warn"))
    );
}

#[tokio::test]
async fn otlp_gets_log_records() {
    let (asked, failures) = asked(
        "otlp",
        "{}",
        &[("OTEL_EXPORTER_OTLP_HEADERS", "x-scope-orgid=acme")],
    )
    .await;
    assert!(failures.is_empty(), "{failures:?}");
    assert_eq!(
        (&*asked.line, &*asked.headers["x-scope-orgid"]),
        ("POST /v1/logs HTTP/1.1", "acme")
    );
    let sent: Value = serde_json::from_str(&asked.body).expect("JSON");
    let records = &sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
    assert_eq!(records[0]["timeUnixNano"], "1793520000500000000");
    assert_eq!(
        (
            &records[1]["severityText"],
            &records[0]["body"]["stringValue"]
        ),
        (&json!("WARN"), &json!("started pip"))
    );
    let pid = json!({"key": "process.pid", "value": {"intValue": "7"}});
    assert!(
        records[0]["attributes"]
            .as_array()
            .is_some_and(|all| all.contains(&pid))
    );
}

#[tokio::test]
async fn syslog_gets_datagrams_and_a_key_that_is_missing_is_named() {
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let place = format!("syslog:{}", socket.local_addr().expect("an address"));
    let environment = Environment::below(Path::new("/none"));
    let http = HttpClient::new(HttpOptions::from_environment(&environment));
    let places = vec![
        place.parse().expect("a place"),
        "splunk:http://127.0.0.1:9".parse().expect("a place"),
    ];
    let failures = Exporter::new(places, http, environment)
        .send(&lines())
        .await;
    assert!(
        failures.len() == 1 && failures[0].to_string().contains("FORETASTE_SPLUNK_TOKEN"),
        "{failures:?}"
    );
    let mut buffer = [0; 4096];
    let count = socket.recv(&mut buffer).await.expect("a datagram");
    let text = String::from_utf8_lossy(&buffer[..count]);
    assert!(
        text.starts_with("<110>1 2026-11-01T08:00:00.5Z ") && text.contains(" foretaste "),
        "{text}"
    );
}

#[test]
fn what_is_no_place_is_refused() {
    for text in [
        "",
        "elastic",
        "elastic:ftp://a.example",
        "syslog:a.example",
        "mail:a@b",
    ] {
        assert!(text.parse::<Place>().is_err(), "{text}");
    }
}
