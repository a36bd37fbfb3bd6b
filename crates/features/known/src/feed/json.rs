//! Feeds in JSON: one object, a list of them, JSON lines, or an export of `foretaste known`.

use foretaste_clones::Index;
use serde_json::{Map, Value};

use super::Reader;
use super::entry::{Entry, Field};

impl Reader<'_> {
    /// Reads JSON or JSON lines.
    pub(super) fn json(&mut self, file: &str, text: &str) {
        let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let mut before = 0;
        while let Some(value) = stream.next() {
            let skipped = text[before..].len() - text[before..].trim_start().len();
            let line = line_of(text, before + skipped);
            match value {
                Ok(value) => self.document(file, line, value),
                Err(error) => {
                    let message = format!("column {}: {error}", error.column());
                    return self.problem(file, error.line() as u64, message);
                }
            }
            if self.is_full() {
                return;
            }
            before = stream.byte_offset();
        }
    }

    fn document(&mut self, file: &str, line: u64, value: Value) {
        match value {
            Value::Array(values) => {
                for (number, value) in values.into_iter().enumerate() {
                    match value {
                        Value::Object(object) => self.object(file, line, object),
                        Value::String(text) => {
                            let entry = Entry::from([(Field::Indicator, vec![text])]);
                            self.entry(file, line, &entry);
                        }
                        _ => self.problem(
                            file,
                            line,
                            format!("entry {}: it is no object", number + 1),
                        ),
                    }
                    if self.is_full() {
                        return;
                    }
                }
            }
            Value::Object(object) => self.object(file, line, object),
            _ => self.problem(file, line, "it is neither an object nor a list"),
        }
    }

    fn object(&mut self, file: &str, line: u64, object: Map<String, Value>) {
        if object.contains_key("artifacts") && object.contains_key("files") {
            return match serde_json::from_value::<Index>(Value::Object(object)) {
                Ok(index) if is_sound(&index) => self.feed.index = Some(Box::new(index)),
                Ok(_) => self.problem(file, line, "a file of the index belongs to no artifact"),
                Err(error) => {
                    self.problem(file, line, format!("it is no export of an index: {error}"));
                }
            };
        }
        if object.contains_key("affected") && object.contains_key("id") {
            return self.osv(file, line, &object);
        }
        for list in ["packages", "indicators", "iocs", "entries", "data", "vulns"] {
            if let Some(list @ Value::Array(_)) = object.get(list) {
                return self.document(file, line, list.clone());
            }
        }
        let mut entry = Entry::new();
        for (name, value) in &object {
            if let Some(field) = Field::of(name) {
                let values = texts(value);
                if !values.is_empty() {
                    entry.entry(field).or_default().extend(values);
                }
            }
        }
        if entry.is_empty() && is_manifest(&object) {
            // name → versions, or null for all of them
            for (name, versions) in &object {
                let entry = Entry::from([
                    (Field::Name, vec![name.clone()]),
                    (Field::Version, texts(versions)),
                ]);
                self.entry(file, line, &entry);
            }
            return;
        }
        self.entry(file, line, &entry);
    }
}

fn is_sound(index: &Index) -> bool {
    index
        .files
        .iter()
        .all(|f| (f.artifact as usize) < index.artifacts.len())
}

fn is_manifest(object: &Map<String, Value>) -> bool {
    let is_versions =
        |v: &Value| v.is_null() || v.as_array().is_some_and(|a| a.iter().all(Value::is_string));
    !object.is_empty() && object.values().all(is_versions)
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
        Value::Array(values) => values.iter().filter_map(plain).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

/// Lists in lists are nobody's feed.
fn plain(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn line_of(text: &str, offset: usize) -> u64 {
    let before = text.get(..offset).unwrap_or(text);
    1 + before.bytes().filter(|b| *b == b'\n').count() as u64
}
