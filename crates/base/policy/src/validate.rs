//! Checks a TOML document against the schema of [`crate::file::PolicyFile`], and says everything that is wrong with it.
//!
//! Serde stops at the first mistake and knows no neighbours; this walk goes on, and points.

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::{Place, Places, PolicyError, formats, suggest};

/// The walk over one document.
pub(crate) struct Walk<'a> {
    text: &'a str,
    /// What the references of a schema that contains itself point into.
    definitions: Option<&'a Value>,
    pub(crate) places: Places,
    pub(crate) errors: Vec<PolicyError>,
}

impl<'a> Walk<'a> {
    /// A walk over `text`, which messages call `path`.
    pub(crate) fn new(path: &str, text: &'a str) -> Self {
        Self {
            text,
            definitions: None,
            places: Places {
                path: path.into(),
                ..Places::default()
            },
            errors: Vec::new(),
        }
    }

    /// Follows references into `schema`.
    pub(crate) fn with_definitions(mut self, schema: &'a Value) -> Self {
        self.definitions = schema.get("$defs");
        self
    }

    /// The schema that a reference means, or the schema itself.
    fn resolved<'s>(&self, schema: &'s Value) -> &'s Value
    where
        'a: 's,
    {
        let name = schema
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|r| r.strip_prefix("#/$defs/"));
        name.and_then(|n| self.definitions?.get(n))
            .unwrap_or(schema)
    }

    /// Notes a mistake.
    pub(crate) fn error(
        &mut self,
        offset: usize,
        message: impl Into<Box<str>>,
        hint: Option<Box<str>>,
    ) {
        let place = Place::of(self.text, offset);
        self.errors.push(self.places.error(place, message, hint));
    }

    /// Checks a table and everything below it.
    pub(crate) fn table(&mut self, table: &DeTable<'_>, schema: &Value, path: &str, offset: usize) {
        let properties = schema.get("properties").and_then(Value::as_object);
        let others = schema.get("additionalProperties").filter(|v| v.is_object());
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let below = join(path, name);
            self.places
                .keys
                .insert(below.clone(), Place::of(self.text, key.span().start));
            let known = properties.and_then(|p| p.get(name));
            match (known, others) {
                (Some(schema), _) => self.value(value, schema, &below),
                (None, Some(others)) if !is_misspelt(name, value, properties, others) => {
                    self.key(key, schema, &below);
                    self.value(value, others, &below);
                }
                _ => {
                    let known = properties
                        .into_iter()
                        .flat_map(|p| p.keys().map(String::as_str));
                    let hint = suggest::hint(name, known, "the keys here are");
                    self.error(key.span().start, format!("unknown key `{below}`"), hint);
                }
            }
        }
        for name in required(schema) {
            if !table.keys().any(|key| key.get_ref().as_ref() == name) {
                let hint = properties
                    .and_then(|p| p.get(name)?.get("description")?.as_str())
                    .map(|help| format!("`{name}`: {}", help.replace('\n', " ")).into());
                self.error(offset, format!("`{path}` has no `{name}`"), hint);
            }
        }
    }

    /// Checks a free key against `propertyNames`.
    fn key(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, schema: &Value, path: &str) {
        let pattern = schema
            .pointer("/propertyNames/pattern")
            .and_then(Value::as_str);
        if pattern == Some("^@") && !key.get_ref().starts_with('@') {
            let hint = format!("did you mean `\"@{}\"`?", key.get_ref());
            self.error(
                key.span().start,
                format!("`{path}`: a scope begins with `@`"),
                Some(hint.into()),
            );
        }
    }

    fn value(&mut self, spanned: &Spanned<DeValue<'_>>, schema: &Value, path: &str) {
        let offset = spanned.span().start;
        let value = spanned.get_ref();
        let format = schema.get("format").and_then(Value::as_str).unwrap_or("");
        if let Some(words) = words(schema) {
            self.word(value, &words, path, offset);
            return;
        }
        let schema = self.resolved(without_null(schema));
        if format == "date" && value.is_datetime() {
            let text = value
                .as_datetime()
                .map(ToString::to_string)
                .unwrap_or_default();
            self.format(format, &text, path, offset);
            return;
        }
        let types = types(schema);
        if !types.iter().any(|t| has_type(value, t)) {
            let expected: Vec<&str> = types.iter().map(|t| article(t)).collect();
            self.error(
                offset,
                format!(
                    "`{path}` is {}, and must be {}",
                    described(value),
                    expected.join(" or ")
                ),
                None,
            );
            return;
        }
        match value {
            DeValue::Table(table) => self.table(table, schema, path, offset),
            DeValue::Array(array) => {
                let Some(items) = schema.get("items") else {
                    return;
                };
                for (index, item) in array.iter().enumerate() {
                    let below = format!("{path}[{index}]");
                    self.places
                        .keys
                        .insert(below.clone(), Place::of(self.text, item.span().start));
                    self.value(item, items, &below);
                }
            }
            DeValue::String(text) => self.format(format, text, path, offset),
            DeValue::Integer(_) | DeValue::Float(_) => self.number(value, schema, path, offset),
            DeValue::Boolean(_) | DeValue::Datetime(_) => {}
        }
    }

    fn word(&mut self, value: &DeValue<'_>, words: &[&str], path: &str, offset: usize) {
        let Some(text) = value.as_str() else {
            let message = format!("`{path}` is {}, and must be a word", described(value));
            let listed: Vec<String> = words.iter().map(|w| format!("`\"{w}\"`")).collect();
            let hint = format!("the words are: {}", listed.join(", "));
            return self.error(offset, message, Some(hint.into()));
        };
        if !words.contains(&text) {
            let hint = suggest::hint(text, words.iter().copied(), "the words are");
            self.error(offset, format!("`{path}` cannot be `{text}`"), hint);
        }
    }

    fn format(&mut self, format: &str, text: &str, path: &str, offset: usize) {
        if let Some((problem, hint)) = formats::problem(format, text) {
            self.error(offset, format!("`{path}`: {problem}"), Some(hint.into()));
        }
    }

    fn number(&mut self, value: &DeValue<'_>, schema: &Value, path: &str, offset: usize) {
        let Some(number) = as_number(value) else {
            return self.error(offset, format!("`{path}` is too large a number"), None);
        };
        if !number.is_finite() {
            return self.error(offset, format!("`{path}` must be a finite number"), None);
        }
        if let Some(format @ ("byte-size" | "byte-size-u32" | "human-duration")) =
            schema.get("format").and_then(Value::as_str)
        {
            return self.format(format, &number.to_string(), path, offset);
        }
        let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
        let upper = bound("maximum").or(match schema.get("format").and_then(Value::as_str) {
            Some("uint8") => Some(f64::from(u8::MAX)),
            Some("uint32") => Some(f64::from(u32::MAX)),
            _ => None,
        });
        if let Some(minimum) = bound("minimum").filter(|m| number < *m) {
            self.error(offset, format!("`{path}` must be at least {minimum}"), None);
        }
        if let Some(maximum) = upper.filter(|m| number > *m) {
            self.error(offset, format!("`{path}` must be at most {maximum}"), None);
        }
    }
}

/// In a table that takes any key, a value of the wrong type below a key near a known one is a slip of that key.
fn is_misspelt(
    name: &str,
    value: &Spanned<DeValue<'_>>,
    properties: Option<&serde_json::Map<String, Value>>,
    others: &Value,
) -> bool {
    let Some(properties) = properties else {
        return false;
    };
    suggest::closest(name, properties.keys().map(String::as_str)).is_some()
        && !types(others).iter().any(|t| has_type(value.get_ref(), t))
}

fn join(path: &str, key: &str) -> String {
    let bare = !key.is_empty()
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    let key = if bare {
        key.to_owned()
    } else {
        format!("{key:?}")
    };
    if path.is_empty() {
        key
    } else {
        format!("{path}.{key}")
    }
}

fn required(schema: &Value) -> Vec<&str> {
    schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

/// TOML knows no null, so an optional value's schema is that of the value.
pub(crate) fn without_null(schema: &Value) -> &Value {
    let is_null = |v: &Value| v.get("type").and_then(Value::as_str) == Some("null");
    schema
        .get("anyOf")
        .and_then(Value::as_array)
        .and_then(|options| options.iter().find(|o| !is_null(o)))
        .unwrap_or(schema)
}

/// The words of an enumeration.
pub(crate) fn words(schema: &Value) -> Option<Vec<&str>> {
    let schema = without_null(schema);
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        return Some(words.iter().filter_map(Value::as_str).collect());
    }
    let options = schema.get("oneOf")?.as_array()?;
    options.iter().map(|o| o.get("const")?.as_str()).collect()
}

/// The types that a schema allows.
pub(crate) fn types(schema: &Value) -> Vec<&str> {
    match without_null(schema).get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(Value::as_str)
            .filter(|t| *t != "null")
            .collect(),
        _ => Vec::new(),
    }
}

fn has_type(value: &DeValue<'_>, schema_type: &str) -> bool {
    match schema_type {
        "string" => value.is_str(),
        "integer" => value.is_integer(),
        "number" => value.is_integer() || value.is_float(),
        "boolean" => value.is_bool(),
        "array" => value.is_array(),
        "object" => value.is_table(),
        _ => false,
    }
}

fn article(schema_type: &str) -> &'static str {
    match schema_type {
        "string" => "a string",
        "integer" => "an integer",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "an array",
        "object" => "a table",
        _ => "something else",
    }
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

fn as_number(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .map(|n| n as f64),
        DeValue::Float(float) => float.as_str().parse().ok(),
        _ => None,
    }
}
