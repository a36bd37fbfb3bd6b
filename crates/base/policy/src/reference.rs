//! The schema of `foretaste.toml`, and its reference page as data.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::file::PolicyFile;
use crate::validate::{types, without_null, words};

/// The JSON schema (2020-12) of `foretaste.toml`, for editors and for the validation itself.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| s.inline_subschemas = true);
    settings
        .into_generator()
        .into_root_schema_for::<PolicyFile>()
        .to_value()
}

/// One key of `foretaste.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDoc {
    /// The dotted path; `<…>` stands for a name of the user's choice and `[]` for the entries of an array.
    pub path: String,
    /// What it takes: `string`, `integer`, `"block" or "review"`, `array of strings`, ….
    pub kind: String,
    /// The default as TOML; none where there is none.
    pub default: Option<String>,
    /// True if it may not be left out.
    pub required: bool,
    /// What it does.
    pub help: String,
}

/// Every key, sections before the keys in them, in alphabetical order.
pub fn reference() -> Vec<KeyDoc> {
    let mut keys = Vec::new();
    collect(&schema(), "", &Value::Null, &mut keys);
    keys
}

fn collect(schema: &Value, path: &str, defaults: &Value, keys: &mut Vec<KeyDoc>) {
    let schema = without_null(schema);
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, property) in properties.into_iter().flatten() {
        let below = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let default = property
            .get("default")
            .or_else(|| defaults.get(name))
            .cloned()
            .unwrap_or(Value::Null);
        let is_required = required.is_some_and(|r| r.iter().any(|n| n.as_str() == Some(name)));
        keys.push(KeyDoc {
            path: below.clone(),
            kind: kind(property),
            default: as_toml(&default),
            required: is_required,
            help: help(property),
        });
        collect(property, &below, &default, keys);
    }
    if let Some(others) = schema.get("additionalProperties").filter(|v| v.is_object()) {
        let below = format!("{path}.<{}>", free_key(path));
        if others.get("properties").is_some() {
            collect(others, &below, &Value::Null, keys);
        } else {
            keys.push(KeyDoc {
                path: below,
                kind: kind(others),
                default: None,
                required: false,
                help: help(if help(others).is_empty() {
                    schema
                } else {
                    others
                }),
            });
        }
    }
    if let Some(items) = schema
        .get("items")
        .filter(|i| i.get("properties").is_some())
    {
        collect(items, &format!("{path}[]"), &Value::Null, keys);
    }
}

/// What the free keys of a table are called.
fn free_key(path: &str) -> &'static str {
    match path {
        "rules" => "id",
        "rules.<id>" => "option",
        "indexes.npm.scopes" => "@scope",
        _ => "name",
    }
}

fn help(schema: &Value) -> String {
    let help = schema
        .get("description")
        .or_else(|| without_null(schema).get("description"));
    help.and_then(Value::as_str)
        .unwrap_or_default()
        .replace('\n', " ")
}

fn kind(schema: &Value) -> String {
    if let Some(words) = words(schema) {
        let quoted: Vec<String> = words.iter().map(|w| format!("\"{w}\"")).collect();
        return quoted.join(" or ");
    }
    let schema = without_null(schema);
    match schema.get("format").and_then(Value::as_str) {
        Some("byte-size" | "byte-size-u32") => return "size".to_owned(),
        Some("human-duration") => return "duration".to_owned(),
        Some("index-url") => return "URL".to_owned(),
        Some("cargo-registry") => return "URL or name".to_owned(),
        Some("date") => return "day".to_owned(),
        Some("path") => return "path".to_owned(),
        Some("purl-pattern") => return "package URL".to_owned(),
        _ => {}
    }
    let named: Vec<String> = types(schema)
        .into_iter()
        .map(|t| match t {
            "object" => "table".to_owned(),
            "array" => {
                let items = schema.get("items").map(kind).unwrap_or_default();
                format!("array of {items}s")
            }
            other => other.to_owned(),
        })
        .collect();
    named.join(" or ")
}

/// A default as it would stand in the file; tables have none, their keys do.
fn as_toml(default: &Value) -> Option<String> {
    match default {
        Value::Null | Value::Object(_) => None,
        other => Some(other.to_string()),
    }
}
