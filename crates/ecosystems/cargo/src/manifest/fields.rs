//! Name, version, texts, people and links.

use foretaste_model::manifest::{ManifestFacts, Person};
use toml_edit::{Item, TableLike};

use super::{MAX_ENTRIES, Reading, cut, is_inherited};

pub(super) fn read(reading: &mut Reading<'_>, package: &dyn TableLike, facts: &mut ManifestFacts) {
    let mut text = |field: &str| string(reading, package, field, &mut facts.dynamic);
    facts.name = text("name");
    facts.version = text("version");
    facts.summary = text("description");
    facts.license = text("license").or_else(|| text("license-file").map(file_licence));
    facts.homepage = text("homepage");
    facts.repository = text("repository");
    facts.requires = text("rust-version");
    let documentation = text("documentation");
    facts.private = package.get("publish").and_then(Item::as_bool) == Some(false);
    facts
        .urls
        .extend(documentation.map(|url| ("documentation".into(), url)));
    authors(reading, package, facts);
}

#[expect(clippy::needless_pass_by_value, reason = "used as a mapping function")]
fn file_licence(path: Box<str>) -> Box<str> {
    format!("see {path}").into()
}

/// A string field. An inherited one is noted in `dynamic`; anything else is a problem.
fn string(
    reading: &mut Reading<'_>,
    package: &dyn TableLike,
    field: &str,
    dynamic: &mut Vec<Box<str>>,
) -> Option<Box<str>> {
    let item = package.get(field)?;
    if let Some(text) = item.as_str() {
        return Some(cut(text));
    }
    if is_inherited(item) {
        dynamic.push(field.into());
    } else {
        reading.wrong_type(&format!("package.{field}"), item, "a string");
    }
    None
}

fn authors(reading: &mut Reading<'_>, package: &dyn TableLike, facts: &mut ManifestFacts) {
    let Some(item) = package.get("authors") else {
        return;
    };
    if is_inherited(item) {
        facts.dynamic.push("authors".into());
        return;
    }
    let Some(list) = item.as_array() else {
        reading.wrong_type("package.authors", item, "an array");
        return;
    };
    if list.len() > MAX_ENTRIES {
        reading.truncated("package.authors");
    }
    let people = list.iter().take(MAX_ENTRIES).filter_map(|v| v.as_str());
    facts.people = people.filter_map(parse_person).collect();
    if list.iter().any(|v| !v.is_str()) {
        reading.problem(
            package.get("authors"),
            "`package.authors` holds something else than strings",
        );
    }
}

/// Reads `Name <mail>`; each part is optional. None if nothing is left.
fn parse_person(text: &str) -> Option<Person> {
    let kept = |s: &str| {
        let s = s.trim();
        (!s.is_empty()).then(|| cut(s))
    };
    let (name, email) = match text.split_once('<') {
        Some((name, rest)) => (kept(name), kept(rest.split('>').next().unwrap_or(""))),
        None if text.contains('@') && !text.trim().contains(char::is_whitespace) => {
            (None, kept(text))
        }
        None => (kept(text), None),
    };
    (name.is_some() || email.is_some()).then_some(Person { name, email })
}

/// The text of an item, or an empty one.
pub(super) fn text(item: Option<&Item>) -> Option<&str> {
    item.and_then(Item::as_str)
}
