//! `PKG-INFO` and `METADATA`: core metadata 1.0–2.5
//! (<https://packaging.python.org/en/latest/specifications/core-metadata/>), a header block in the style of RFC 822.

use foretaste_model::manifest::DependencyKind;

use super::Observation;
use super::people::people;
use super::reading::{MAX_ENTRIES, MAX_README, Reading, cut, stated, value};
use super::requirement::parse as parse_requirement;

/// Reads metadata that came without a path, e.g. from an index (PEP 658).
pub(crate) fn observe(text: &str) -> Observation {
    let mut reading = Reading::new(text);
    read(&mut reading);
    reading.finish()
}

/// One header.
struct Field<'a> {
    name: &'a str,
    value: String,
    line: u32,
}

pub(super) fn read(reading: &mut Reading<'_>) {
    let (fields, body) = split(reading);
    let mut author = (None, None);
    let mut maintainer = (None, None);
    let mut legacy_licence = None;
    let mut description = None;
    let mut seen_version = false;
    for field in &fields {
        let text = field.value.as_str();
        match field.name.to_ascii_lowercase().as_str() {
            "metadata-version" => {
                seen_version = true;
                let major = text.trim().split('.').next().unwrap_or_default();
                if !matches!(major, "1" | "2") {
                    let span = Some(reading.line_span(field.line));
                    reading.problem(span, format!("metadata version {text:?} is unknown"));
                }
            }
            "name" => once(reading, field, |f| &mut f.name),
            "version" => once(reading, field, |f| &mut f.version),
            "summary" => reading.facts.summary = stated(text),
            "description" => description = Some(text.to_owned()),
            "home-page" => reading.facts.homepage = stated(text),
            "download-url" => reading.url("Download", text),
            "project-url" => {
                let (label, url) = text.split_once(',').unwrap_or(("", text));
                reading.url(label, url);
            }
            "author" => author.0 = Some(text.to_owned()),
            "author-email" => author.1 = Some(text.to_owned()),
            "maintainer" => maintainer.0 = Some(text.to_owned()),
            "maintainer-email" => maintainer.1 = Some(text.to_owned()),
            "license-expression" => reading.facts.license = stated(text),
            "license" => legacy_licence = stated(text.lines().next().unwrap_or_default()),
            "requires-python" => reading.facts.requires = stated(text),
            "requires-dist" => {
                let span = Some(reading.line_span(field.line));
                reading.requirement(text, DependencyKind::Run, "", span);
            }
            // Metadata 1.1: module names, not packages; kept only if they read as requirements.
            "requires" => {
                if let Some(mut dependency) = parse_requirement(text, DependencyKind::Run) {
                    dependency.span = Some(reading.line_span(field.line));
                    reading.dependency(dependency);
                }
            }
            "dynamic" if reading.facts.dynamic.len() < MAX_ENTRIES => {
                reading.facts.dynamic.push(value(text.trim()));
            }
            _ => {}
        }
    }
    if !seen_version {
        reading.problem(None, "the metadata does not state its version");
    }
    if reading.facts.name.is_none() || reading.facts.version.is_none() {
        reading.problem(None, "the metadata lacks a name or a version");
    }
    if reading.facts.license.is_none() {
        reading.facts.license = legacy_licence;
    }
    let description = description.unwrap_or_else(|| body.to_owned());
    reading.facts.readme = stated_text(&description);
    let mut all = people(author.0.as_deref(), author.1.as_deref());
    all.extend(people(maintainer.0.as_deref(), maintainer.1.as_deref()));
    all.dedup();
    reading.facts.people = all;
    reading.settle_links();
}

fn stated_text(text: &str) -> Option<Box<str>> {
    let text = text.trim();
    (!text.is_empty() && text != "UNKNOWN").then(|| cut(text, MAX_README).into())
}

/// Sets a field that may occur once only: two names are how tools are made to disagree.
fn once(
    reading: &mut Reading<'_>,
    field: &Field<'_>,
    slot: impl Fn(&mut foretaste_model::manifest::ManifestFacts) -> &mut Option<Box<str>>,
) {
    if slot(&mut reading.facts).is_some() {
        let span = Some(reading.line_span(field.line));
        reading.problem(span, format!("`{}` is stated twice", field.name));
    } else {
        *slot(&mut reading.facts) = stated(&field.value);
    }
}

/// Headers up to the first empty line, then the body.
fn split<'a>(reading: &mut Reading<'a>) -> (Vec<Field<'a>>, &'a str) {
    let text = reading.text;
    let mut fields: Vec<Field<'a>> = Vec::new();
    let mut odd = None;
    let mut offset = 0;
    for (number, line) in (1_u32..).zip(text.split_inclusive('\n')) {
        offset += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        if line.is_empty() {
            if let Some(line) = odd {
                let span = Some(reading.line_span(line));
                reading.problem(span, "a line is neither a field nor its continuation");
            }
            return (fields, text.get(offset..).unwrap_or_default());
        }
        if line.starts_with([' ', '\t']) {
            if let Some(last) = fields.last_mut() {
                last.value.push('\n');
                last.value.push_str(unfold(line));
            }
            continue;
        }
        match line.split_once(':') {
            Some((name, content)) if is_field_name(name) => {
                if fields.len() < 4 * MAX_ENTRIES {
                    fields.push(Field {
                        name,
                        value: content.trim().to_owned(),
                        line: number,
                    });
                }
            }
            // Broken tools write descriptions without folding; the line goes on with the field before.
            _ => {
                odd = odd.or(Some(number));
                if let Some(last) = fields.last_mut() {
                    last.value.push('\n');
                    last.value.push_str(line);
                }
            }
        }
    }
    if let Some(line) = odd {
        let span = Some(reading.line_span(line));
        reading.problem(span, "a line is neither a field nor its continuation");
    }
    (fields, "")
}

fn is_field_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Folded descriptions begin with eight blanks, or with seven and a bar.
fn unfold(line: &str) -> &str {
    for prefix in ["       |", "        "] {
        if let Some(rest) = line.strip_prefix(prefix) {
            return rest;
        }
    }
    line.trim_start()
}
