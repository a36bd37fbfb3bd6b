//! What every sender of OTLP over HTTP with JSON needs: attributes, the resource, and the headers of the collector.
//!
//! <https://opentelemetry.io/docs/specs/otlp/#otlphttp>

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::{Environment, Request};

/// The variable with the collector's headers.
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";

/// An attribute. What JSON cannot say in this protocol's types is its text.
pub fn attribute(key: &str, value: &Value) -> Value {
    json!({"key": key, "value": any_value(value)})
}

fn any_value(value: &Value) -> Value {
    match value {
        Value::Bool(value) => json!({"boolValue": value}),
        // 64-bit numbers are text in this protocol
        Value::Number(number) if number.is_i64() || number.is_u64() => {
            json!({"intValue": number.to_string()})
        }
        Value::Number(number) => json!({"doubleValue": number}),
        Value::String(text) => json!({"stringValue": text}),
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().map(any_value).collect();
            json!({"arrayValue": {"values": items}})
        }
        other => json!({"stringValue": other.to_string()}),
    }
}

/// Who sends.
pub fn resource(service: &str) -> Value {
    json!({"attributes": [attribute("service.name", &json!(service))]})
}

/// By which means.
pub fn scope() -> Value {
    json!({"name": "foretaste", "version": env!("CARGO_PKG_VERSION")})
}

/// The request with the headers of `OTEL_EXPORTER_OTLP_HEADERS`: `name=value,name=value`, values percent-encoded.
pub fn with_headers(mut request: Request, environment: &Environment) -> Request {
    let listed = environment.var(HEADERS).unwrap_or_default();
    for (name, value) in listed.split(',').filter_map(|pair| pair.split_once('=')) {
        let value = percent_decode_str(value.trim()).decode_utf8_lossy();
        request = request.header(name.trim(), &value);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_the_types_of_the_protocol() {
        let value = |value: Value| attribute("a", &value)["value"].clone();
        assert_eq!(value(json!(7)), json!({"intValue": "7"}));
        assert_eq!(value(json!(0.5)), json!({"doubleValue": 0.5}));
        assert_eq!(value(json!(true)), json!({"boolValue": true}));
        assert_eq!(
            value(json!(["x"])),
            json!({"arrayValue": {"values": [{"stringValue": "x"}]}})
        );
        assert_eq!(value(Value::Null), json!({"stringValue": "null"}));
    }
}
