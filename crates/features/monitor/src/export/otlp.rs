//! OTLP over HTTP with JSON: log records.
//!
//! <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use foretaste_io::otlp::{attribute, resource, scope};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::ecs::is_alert;

/// Lines as one request.
pub(super) fn request(lines: &[Value]) -> Value {
    let records: Vec<Value> = lines.iter().map(record).collect();
    json!({
        "resourceLogs": [{
            "resource": resource("foretaste-monitor"),
            "scopeLogs": [{
                "scope": scope(),
                "logRecords": records,
            }],
        }],
    })
}

fn record(line: &Value) -> Value {
    let nanoseconds = line["@timestamp"]
        .as_str()
        .and_then(|text| text.parse::<Timestamp>().ok())
        .map_or(0, Timestamp::as_nanosecond);
    let is_alert = is_alert(line);
    let mut attributes = Vec::new();
    flatten("", line, &mut attributes);
    json!({
        "timeUnixNano": nanoseconds.to_string(),
        "severityNumber": if is_alert { 13 } else { 9 },
        "severityText": if is_alert { "WARN" } else { "INFO" },
        "body": {"stringValue": line["message"]},
        "attributes": attributes,
    })
}

fn flatten(prefix: &str, value: &Value, out: &mut Vec<Value>) {
    let Value::Object(members) = value else {
        return;
    };
    for (key, member) in members {
        let name = if prefix.is_empty() {
            key.clone()
        } else {
            format!("{prefix}.{key}")
        };
        match member {
            Value::Object(_) => flatten(&name, member, out),
            Value::Null => {}
            _ if name == "message" || name == "@timestamp" => {}
            _ => out.push(attribute(&name, member)),
        }
    }
}
