//! Reading other people's JSON: what is missing or of another type is absent, never an error.

use foretaste_io::Response;
use foretaste_model::{SkipKind, SkipReason};
use jiff::Timestamp;
use serde_json::Value;

/// Bytes kept of a text.
const MAX_TEXT: usize = 1 << 10;

/// The answer as JSON.
pub(crate) fn read(response: &Response) -> Result<Value, SkipReason> {
    serde_json::from_slice(&response.body).map_err(|e| {
        SkipReason::new(
            SkipKind::Failed,
            format!("the answer of {} cannot be read: {e}", response.url),
        )
    })
}

/// A text field, clipped; none if it is blank.
pub(crate) fn text(value: &Value, key: &str) -> Option<Box<str>> {
    value.get(key).and_then(Value::as_str).and_then(clip)
}

/// The elements of an array field.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A count.
pub(crate) fn count(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or(0)
}

/// A flag.
pub(crate) fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// A time in RFC 3339.
pub(crate) fn time(value: &Value, key: &str) -> Option<Timestamp> {
    value
        .get(key)
        .and_then(Value::as_str)
        .and_then(|t| t.parse().ok())
}

/// The text without blanks around it, at most 1 KiB; none if nothing is left.
pub(crate) fn clip(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).filter(|t| !t.is_empty()).map(Into::into)
}
