//! The report as data, and its schema.

use foretaste_model::report::Report;
use serde::Serialize;

use crate::escape::VisibleJson;

/// The report as JSON: keys in the order of the schema, one trailing line break, byte-identical for equal input.
pub fn render(report: &Report) -> Result<String, serde_json::Error> {
    print(report)
}

/// The JSON schema of the report, as JSON.
pub fn schema() -> Result<String, serde_json::Error> {
    print(&schemars::schema_for!(Report))
}

/// Pretty JSON that is safe to look at, with a trailing line break.
///
/// # Errors
/// Only if a number cannot be written as JSON.
pub fn print(value: &impl Serialize) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::with_capacity(4096);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, VisibleJson::default());
    value.serialize(&mut serializer)?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}
